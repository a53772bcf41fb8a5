/** A fault to play: which requests it hits, what they get, and how often. */
export interface FaultSpec {
  method?: string | undefined;
  /** Regular expression over the path with its query. */
  path?: string | undefined;
  /** Name of a GraphQL operation, or of a field the query asks for. */
  graphql?: string | undefined;
  status?: number | undefined;
  hangMs?: number | undefined;
  /** How many requests it hits; 1 when absent. */
  times?: number | undefined;
  /** How many that it would hit go by first; none when absent. */
  skip?: number | undefined;
  /** Do the work first, then spoil the answer. */
  after?: boolean | undefined;
  headers?: Record<string, string> | undefined;
  message?: string | undefined;
}

export interface FaultTarget {
  method: string;
  path: string;
  graphql: { operation: string | null; query: string } | null;
}

interface Armed {
  spec: FaultSpec;
  left: number;
  skip: number;
}

/** Faults wait here until a request they match comes by; the first match wins. */
export class Faults {
  private armed: Armed[] = [];

  add(spec: FaultSpec): void {
    if (spec.path === undefined && spec.graphql === undefined) {
      throw new Error(
        'a fault needs `path` (a regular expression) or `graphql` (an operation or field name)',
      );
    }
    this.armed.push({ spec, left: spec.times ?? 1, skip: spec.skip ?? 0 });
  }

  clear(): void {
    this.armed = [];
  }

  take(target: FaultTarget): FaultSpec | null {
    const hit = this.armed.find(({ spec, left }) => left > 0 && matches(spec, target));
    if (hit === undefined) return null;
    if (hit.skip > 0) {
      hit.skip -= 1;
      return null;
    }
    hit.left -= 1;
    return hit.spec;
  }
}

function matches(spec: FaultSpec, target: FaultTarget): boolean {
  if (spec.method !== undefined && spec.method.toUpperCase() !== target.method) return false;
  if (spec.graphql !== undefined) {
    if (target.graphql === null) return false;
    const { operation, query } = target.graphql;
    return operation === spec.graphql || new RegExp(`\\b${spec.graphql}\\b`).test(query);
  }
  return spec.path !== undefined && new RegExp(spec.path).test(target.path);
}

/** The body GitHub sends with a refusal of this status (docs: "Rate limits for the REST API"). */
export function faultBody(spec: FaultSpec): Record<string, unknown> {
  const status = spec.status ?? 500;
  const secondary =
    'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  const message = spec.message ?? (status === 403 || status === 429 ? secondary : 'Server Error');
  return { message, documentation_url: 'https://docs.github.com/rest', status: String(status) };
}
