import { escapePattern } from '../../../shared/probes/evaluators/pattern.js';

/** Something in the place of a reference, which may be any value. */
const reference = /\{\{[^}]*\}\}/g;
const anything = '\u0000';

/**
 * Whether a url of a step, in which references may stand, can be of an operation with this path: the address of the API
 * may stand before it. A reference at its beginning may be the whole address.
 */
export function isUrlOf(path: string, url: string): boolean {
  const [address = ''] = url.replace(reference, anything).split(/[?#]/);
  const [before = '', ...segments] = address.replace(/^https?:\/\/[^/]*/i, '').split('/');
  const template = path.split('/').slice(1);
  if (segments.length < template.length && !before.includes(anything)) return false;
  const shared = Math.min(segments.length, template.length);
  const ends = segments.slice(segments.length - shared);
  return template.slice(template.length - shared).every((part, index) => isSegmentOf(part, ends[index]!));
}

function isSegmentOf(template: string, segment: string): boolean {
  if (segment.includes(anything)) return true;
  const pattern = template
    .split(/\{[^}]*\}/)
    .map(escapePattern)
    .join('.+');
  return new RegExp(`^${pattern}$`, 's').test(segment);
}
