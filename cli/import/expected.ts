import { escapePattern } from '../../shared/probes/evaluators/pattern.js';
import type { Refuse } from './draft.js';
import { conditionPath, pathText, type Segments } from './json-condition.js';

const allStatuses = Array.from({ length: 500 }, (_, index) => 100 + index);

/** Collects what the original checks of one answer, and writes it as the `expect` of a step. */
export class Expected {
  #statuses: number[] | undefined;
  readonly #headers: Record<string, Record<string, unknown>> = {};
  readonly #json: Record<string, unknown>[] = [];
  #bodyEquals: string | undefined;
  readonly #bodyContains: string[] = [];
  readonly #bodyNotContains: string[] = [];
  readonly #bodyMatches: string[] = [];
  #latencyMs: number | undefined;

  /** A condition of the status; all conditions must hold. */
  status(holds: (status: number) => boolean): void {
    this.#statuses = (this.#statuses ?? allStatuses).filter(holds);
  }

  /** One more thing expected of a header; the same operator twice cannot be said. */
  header(name: string, operator: string, value: unknown, refuse: Refuse): void {
    const key =
      Object.keys(this.#headers).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
    const matcher = (this.#headers[key] ??= {});
    if (Object.hasOwn(matcher, operator) && matcher[operator] !== value)
      return refuse(`a second "${operator}" of the header ${name}`, 'keep one of them');
    matcher[operator] = value;
  }

  json(matcher: Record<string, unknown>): void {
    this.#json.push(matcher);
  }

  /** A condition of the one value at a path, in the words of a JSONPath filter. */
  jsonCondition(segments: Segments, condition: string, refuse: Refuse): void {
    const path = conditionPath(segments, condition);
    if (path === undefined) refuse('a condition of the whole document', 'look at a value inside it');
    else this.json({ path, exists: true });
  }

  /** How many elements a list has. */
  jsonLength(segments: Segments, operator: '==' | '>' | '>=', length: number, refuse: Refuse): void {
    const path = pathText(segments);
    if (operator === '==')
      this.json(length === 0 ? { path, equals: [] } : { path: `${path}[:]`, count: length });
    else {
      const index = operator === '>' ? length : length - 1;
      if (index < 0) return refuse('a length that every list has');
      this.json({ path: `${path}[${index}]`, exists: true });
    }
  }

  body(operator: 'equals' | 'contains' | 'not-contains' | 'matches', value: string, refuse: Refuse): void {
    if (operator === 'equals') {
      if (this.#bodyEquals !== undefined && this.#bodyEquals !== value) return refuse('a second whole body');
      this.#bodyEquals = value;
    } else if (value === '') refuse('an empty text: everything contains nothing', 'look for a text');
    else if (operator === 'contains') this.#bodyContains.push(value);
    else if (operator === 'not-contains') this.#bodyNotContains.push(value);
    else this.#bodyMatches.push(value);
  }

  /** The answer must be complete in less time than this, in milliseconds. */
  latency(limitMs: number): void {
    this.#latencyMs = Math.min(limitMs, this.#latencyMs ?? limitMs);
  }

  /** The `expect` of the step. `assumed` says that nothing looked at the status, and that 2xx is expected now. */
  write(refuse: Refuse): { expect: Record<string, unknown>; assumed: boolean } {
    const body = this.#body();
    const expect = {
      ...this.#status(refuse),
      ...(Object.keys(this.#headers).length > 0 ? { headers: this.#headers } : {}),
      ...(this.#json.length > 0 ? { json: this.#json } : {}),
      ...(Object.keys(body).length > 0 ? { body } : {}),
      ...(this.#latencyMs === undefined ? {} : { latency: `< ${this.#latencyMs}ms` }),
    };
    const assumed = this.#statuses === undefined;
    return {
      assumed,
      // Without a status, a suite expects 2xx.
      expect: Object.keys(expect).length > 0 ? expect : { latency: '< 10s' },
    };
  }

  #status(refuse: Refuse): Record<string, unknown> {
    const statuses = this.#statuses;
    if (statuses === undefined || statuses.join() === allStatuses.filter(is2xx).join()) return {};
    if (statuses.length === 0) refuse('expectations of the status that no status meets');
    return statuses.length === 1 ? { status: statuses[0] } : { 'status-in': statuses };
  }

  /** Several texts to be found become one pattern that looks ahead for each. */
  #body(): Record<string, unknown> {
    const contains = [...new Set(this.#bodyContains)];
    const single = contains.length === 1 && this.#bodyMatches.length === 0;
    const wanted = [...(single ? [] : contains.map(literalPattern)), ...this.#bodyMatches];
    const unwanted = this.#bodyNotContains.length > 1 ? this.#bodyNotContains.map(literalPattern) : [];
    const lookAheads = [
      ...wanted.map((pattern) => `(?=[^]*(?:${pattern}))`),
      ...unwanted.map((pattern) => `(?![^]*(?:${pattern}))`),
    ];
    return {
      ...(this.#bodyEquals === undefined ? {} : { equals: this.#bodyEquals }),
      ...(single ? { contains: contains[0] } : {}),
      ...(this.#bodyNotContains.length === 1 ? { 'not-contains': this.#bodyNotContains[0] } : {}),
      ...(wanted.length === 1 && unwanted.length === 0
        ? { matches: wanted[0] }
        : lookAheads.length > 0
          ? { matches: `^${lookAheads.join('')}` }
          : {}),
    };
  }
}

export const is2xx = (status: number): boolean => status >= 200 && status < 300;

/** A text as a pattern that matches it alone; references stay, since the suite fills them in literally. */
export function literalPattern(text: string): string {
  return text
    .split(/(\{\{ [\w.-]+ \}\})/)
    .map((part, index) => (index % 2 === 1 ? part : escapePattern(part)))
    .join('');
}
