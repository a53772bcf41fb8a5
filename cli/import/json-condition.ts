import { escapePattern } from '../../shared/probes/evaluators/pattern.js';

/** Names and indexes that lead from the root of a document to one value. */
export type Segments = readonly (string | number)[];

/** A JSONPath (RFC 9535) of at most one node. */
export function pathText(segments: Segments): string {
  return `$${segments.map(segmentText).join('')}`;
}

function segmentText(segment: string | number): string {
  if (typeof segment === 'number') return `[${segment}]`;
  return /^[A-Za-z_]\w*$/.test(segment) ? `.${segment}` : `[${literalText(segment)}]`;
}

/** The segments of a JSONPath that can only find one node, or undefined. */
export function singularPath(source: string): Segments | undefined {
  const segment = /\.([A-Za-z_][\w]*)|\[\s*(?:'([^'\\]*)'|"([^"\\]*)"|(0|[1-9]\d*))\s*\]/y;
  if (!source.startsWith('$')) return undefined;
  const segments: (string | number)[] = [];
  for (segment.lastIndex = 1; segment.lastIndex < source.length;) {
    const [, dotted, single, double, index] = segment.exec(source) ?? [undefined];
    const name = dotted ?? single ?? double;
    if (name === undefined && index === undefined) return undefined;
    segments.push(name ?? Number(index));
  }
  return segments;
}

/** A value that can be compared inside a JSONPath. */
export type Comparable = string | number | boolean | null;

export function isComparable(value: unknown): value is Comparable {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

/** A value as a JSONPath writes it. */
export function literalText(value: Comparable): string {
  if (typeof value !== 'string') return String(value);
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/**
 * A JSONPath that finds a node exactly when there is a value at the segments and the condition holds of it; `@` in the
 * condition is the value. Undefined for the root, which is nobody's child.
 */
export function conditionPath(segments: Segments, condition: string): string | undefined {
  if (segments.length === 0) return undefined;
  return `${pathText(segments.slice(0, -1))}[?@ == ${pathText(segments)} && ${condition}]`;
}

/** A condition: a list with an element that is this value. Only lists have an element 0. */
export function hasElement(value: Comparable): string {
  return `(@[0] && @[?@ == ${literalText(value)}])`;
}

/** A condition: a text that has this one in it, or a list with such an element. */
export function includes(value: Comparable): string {
  if (typeof value !== 'string') return hasElement(value);
  return `(search(@, ${literalText(escapeIRegexp(value))}) || ${hasElement(value)})`;
}

/**
 * The JSON Schema of a text or list that does not have a value in it. What can contain nothing, such as an object, is
 * neither: other tools fail there, whatever was asked.
 */
export function lacking(value: Comparable): Readonly<Record<string, unknown>> {
  if (typeof value !== 'string') return lackingElement(value);
  const text = { type: 'string', not: { pattern: escapePattern(value) } };
  return { anyOf: [text, lackingElement(value)] };
}

/** The JSON Schema of a list without an element that is this value. */
export function lackingElement(value: unknown): Readonly<Record<string, unknown>> {
  return { type: 'array', not: { contains: { const: value } } };
}

/** Text as an I-Regexp (RFC 9485) that matches it alone. */
function escapeIRegexp(text: string): string {
  return text.replace(/[()*+.?[\\\]^{|}]/g, '\\$&').replaceAll('$', '[$]');
}
