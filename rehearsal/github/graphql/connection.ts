import { type Fields, GraphqlError } from './view.js';

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

const cursorOf = (key: string): string => Buffer.from(`cursor:v2:${key}`).toString('base64');

/**
 * A Relay connection over items already in order. Like GitHub it insists on `first` or `last` of 1–100
 * (docs: "Rate limits and query limits for the GraphQL API", node limit).
 */
export function connection<T>(
  name: string,
  items: readonly T[],
  args: PageArguments,
  keyOf: (item: T) => string | number,
  show: (item: T) => unknown,
): Fields {
  const first = args.first ?? null;
  const last = args.last ?? null;
  requireBounds(name, first, last);
  const keys = items.map((item) => cursorOf(String(keyOf(item))));
  const start = positionOf(keys, args.after, -1) + 1;
  const end = positionOf(keys, args.before, items.length);
  const from = last !== null && first === null ? Math.max(start, end - last) : start;
  const to = first === null ? end : Math.min(end, start + first);
  const page = items.slice(from, to);
  return {
    totalCount: items.length,
    nodes: () => page.map(show),
    edges: () => page.map((item, index) => ({ cursor: keys[from + index], node: show(item) })),
    pageInfo: {
      hasNextPage: to < items.length,
      hasPreviousPage: from > 0,
      startCursor: keys[from] !== undefined && to > from ? keys[from] : null,
      endCursor: to > from ? keys[to - 1] : null,
    },
  };
}

function positionOf(keys: readonly string[], cursor: string | null | undefined, absent: number): number {
  if (cursor === null || cursor === undefined) return absent;
  const at = keys.indexOf(cursor);
  if (at >= 0) return at;
  throw new GraphqlError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
}

function requireBounds(name: string, first: number | null, last: number | null): void {
  if (first === null && last === null) {
    throw new GraphqlError(
      'MISSING_PAGINATION_BOUNDARIES',
      `You must provide a \`first\` or \`last\` value to properly paginate the \`${name}\` connection.`,
    );
  }
  const asked = first ?? last ?? 0;
  if (asked > 100) {
    throw new GraphqlError(
      'EXCESSIVE_PAGINATION',
      `Requesting ${asked} records on the \`${name}\` connection exceeds the \`first\` limit of 100 records.`,
    );
  }
}
