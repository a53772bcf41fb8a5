import { hasInexact } from '../../actions/smoke-test/judge/json-values.js';
import { referencesIn } from './names.js';

/**
 * A text of JSON as the body of a step: as JSON where that sends the same, as text otherwise. A reference to anything
 * but text must stay text, since a suite would send a captured number as a number where the original writes it between
 * quotes.
 */
export function jsonBody(
  text: string,
  isText: (reference: string) => boolean,
): { json: unknown } | { body: string } {
  if (!referencesIn(text).every(isText)) return { body: text };
  try {
    const json = JSON.parse(text) as unknown;
    return hasInexact(json) ? { body: text } : { json };
  } catch {
    // References between the values, comments: it is sent as it stands.
    return { body: text };
  }
}
