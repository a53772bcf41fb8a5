import { stripComments } from 'jsonc-parser';
import { hasInexact } from '../../actions/smoke-test/judge/json-values.js';
import { referencesIn } from './names.js';

/**
 * A text of JSON as the body of a step: as JSON where that sends the same bytes, as text otherwise, since somebody may
 * have signed them.
 */
export function jsonBody(
  text: string,
  isText: (reference: string) => boolean,
): { json: unknown } | { body: string } {
  const json = jsonValue(text, isText);
  return json && JSON.stringify(json.value) === text ? { json: json.value } : { body: text };
}

/**
 * The value of a text of JSON, or undefined where it is none for sure. A reference to anything but text must stay text:
 * a suite would fill in a captured number as a number where the original writes it between quotes.
 */
export function jsonValue(
  text: string,
  isText: (reference: string) => boolean,
): { value: unknown } | undefined {
  if (!referencesIn(text.replace(/\{\{ [\w.-]+ \| text \}\}/g, '')).every(isText)) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return hasInexact(value) ? undefined : { value };
  } catch {
    // References between the values.
    return undefined;
  }
}

/** A text of JSON without the comments that Postman allows in it and does not send; all else stays. */
export const withoutComments = (text: string): string => stripComments(text);
