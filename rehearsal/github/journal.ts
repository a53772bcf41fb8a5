export interface Violation {
  /**
   * request: the client broke the contract; response: we did; unserved: the stand-in has no such thing; graphql: an
   * invalid query.
   */
  kind: 'request' | 'response' | 'unserved' | 'graphql';
  where: string;
  details: string[];
}

export interface RequestEntry {
  method: string;
  path: string;
  status: number;
  actor: string | null;
  ms: number;
  operation: string | null;
}

/** What happened, for tests and the rehearsal to fail on. */
export class Journal {
  readonly violations: Violation[] = [];
  readonly requests: RequestEntry[] = [];

  violation(kind: Violation['kind'], where: string, details: readonly string[]): void {
    this.violations.push({ kind, where, details: [...details] });
  }
}
