import type { Refuse } from './draft.js';
import { conditionPath, pathText, type Segments } from './json-condition.js';
import { TextExpected, type TextOperator } from './text-expected.js';

const allStatuses = Array.from({ length: 500 }, (_, index) => 100 + index);

/** What must hold, and what must not. */
interface Matchers {
  expect: Record<string, unknown>;
  not: Record<string, unknown>;
}

/** A JSON Schema of one value. */
export type Shape = Readonly<Record<string, unknown>>;

/** What is expected of something that is sent by a name: that it is there, its text, facts about it. */
class NamedExpected {
  readonly text = new TextExpected();
  readonly facts: Record<string, unknown> = {};

  fact(key: string, value: unknown, refuse: Refuse): void {
    if (Object.hasOwn(this.facts, key) && this.facts[key] !== value)
      return refuse(`"${key}" both ${String(this.facts[key])} and ${String(value)}`, 'keep one of them');
    this.facts[key] = value;
  }

  write(): Matchers {
    const { expect, not } = this.text.write();
    return { expect: { ...this.facts, ...expect }, not };
  }
}

/** Collects what the original checks of one answer, and writes it as the `expect` of a step. */
export class Expected {
  #statuses: number[] | undefined;
  readonly #headers: Record<string, NamedExpected> = {};
  readonly #cookies: Record<string, NamedExpected> = {};
  readonly #json: Record<string, unknown>[] = [];
  readonly #shapes: Shape[] = [];
  readonly #xpath: Record<string, unknown>[] = [];
  readonly #body = new TextExpected();
  #size: string | undefined;
  readonly #facts: Record<string, unknown> = {};
  readonly #origin = { url: new TextExpected(), ip: new TextExpected() };
  #latencyMs: number | undefined;
  #isParsed = false;
  readonly #lookedInto = new Map<string, Segments>();

  /** A condition of the status; all conditions must hold. */
  status(holds: (status: number) => boolean): void {
    this.#statuses = (this.#statuses ?? allStatuses).filter(holds);
  }

  header(name: string, operator: TextOperator, value: string, refuse: Refuse): void {
    this.#header(name).text.add(operator, value, refuse);
  }

  headerExists(name: string, exists: boolean, refuse: Refuse): void {
    this.#header(name).fact('exists', exists, refuse);
  }

  #header(name: string): NamedExpected {
    const known = Object.keys(this.#headers).find((key) => key.toLowerCase() === name.toLowerCase());
    return (this.#headers[known ?? name] ??= new NamedExpected());
  }

  /** A fact of a cookie that is set, such as `secure`, or `exists`. */
  cookieFact(name: string, key: string, value: unknown, refuse: Refuse): void {
    (this.#cookies[name] ??= new NamedExpected()).fact(key, value, refuse);
  }

  cookie(name: string, operator: TextOperator, value: string, refuse: Refuse): void {
    (this.#cookies[name] ??= new NamedExpected()).text.add(operator, value, refuse);
  }

  json(matcher: Record<string, unknown>): void {
    this.#json.push(matcher);
  }

  xpath(matcher: Record<string, unknown>): void {
    this.#xpath.push(matcher);
  }

  /** A condition of the one value at a path, in the words of a JSONPath filter. */
  jsonCondition(segments: Segments, condition: string, refuse: Refuse): void {
    const path = conditionPath(segments, condition);
    if (path === undefined) refuse('a condition of the whole document', 'look at a value inside it');
    else this.json({ path, exists: true });
  }

  /** The body is JSON; with a path, the value there has parts: it is anything but null. */
  jsonLookedInto(segments?: Segments): void {
    this.#isParsed = true;
    if (segments) this.#lookedInto.set(pathText(segments), segments);
  }

  /** The value at a path is there and valid by a JSON Schema. */
  jsonShape(segments: Segments, shape: Shape): void {
    this.#shapes.push(shapeAt(segments, shape));
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

  body(operator: TextOperator, value: string, refuse: Refuse): void {
    this.#body.add(operator, value, refuse);
  }

  /** How many bytes the body has, e.g. `< 100B`. */
  size(bound: string, refuse: Refuse): void {
    if (this.#size !== undefined && this.#size !== bound)
      return refuse('a second condition of the size', 'keep one of them');
    this.#size = bound;
  }

  /** Something that has one value, such as a hash of the body or the version that is spoken. */
  fact(key: 'sha256' | 'md5' | 'http-version', value: unknown, refuse: Refuse): void {
    if (Object.hasOwn(this.#facts, key) && this.#facts[key] !== value)
      return refuse(`a second value of ${key}`, 'keep one of them');
    this.#facts[key] = value;
  }

  /** Where the answer came from. */
  text(key: 'url' | 'ip', operator: TextOperator, value: string, refuse: Refuse): void {
    this.#origin[key].add(operator, value, refuse);
  }

  /** The answer must be complete in less time than this, in milliseconds. */
  latency(limitMs: number): void {
    this.#latencyMs = Math.min(limitMs, this.#latencyMs ?? limitMs);
  }

  /** The `expect` of the step. `assumed` says that nothing looked at the status, and that 2xx is expected now. */
  write(refuse: Refuse): { expect: Record<string, unknown>; assumed: boolean } {
    const lookedInto = [...this.#lookedInto].filter(([path]) => !this.#isProven(path)).map(([, at]) => at);
    const [shape, ...shapes] = [
      ...this.#shapes,
      ...lookedInto.map((segments) => shapeAt(segments, { not: { type: 'null' } })),
    ];
    const parsed = this.#isParsed && this.#json.length === 0 && !shape ? [{ path: '$', exists: true }] : [];
    const json = [...this.#json, ...parsed];
    const headers = written(this.#headers);
    const cookies = written(this.#cookies);
    const body = this.#body.write();
    const [url, ip] = [this.#origin.url.write(), this.#origin.ip.write()];
    const not = {
      ...filled('headers', headers.not),
      ...filled('cookies', cookies.not),
      ...filled('body', body.not),
      ...filled('url', url.not),
      ...filled('ip', ip.not),
    };
    const expect = {
      ...this.#status(refuse),
      ...filled('headers', headers.expect),
      ...filled('cookies', cookies.expect),
      ...(json.length > 0 ? { json } : {}),
      ...(shape
        ? { 'json-schema': { schema: shapes.length === 0 ? shape : { allOf: [shape, ...shapes] } } }
        : {}),
      ...(this.#xpath.length > 0 ? { xpath: this.#xpath } : {}),
      ...filled('body', body.expect),
      ...(this.#size === undefined ? {} : { size: this.#size }),
      ...this.#facts,
      ...filled('url', url.expect),
      ...filled('ip', ip.expect),
      ...(this.#latencyMs === undefined ? {} : { latency: `< ${this.#latencyMs}ms` }),
      ...filled('not', not),
    };
    const assumed = this.#statuses === undefined;
    return {
      assumed,
      // Without a status, a suite expects 2xx.
      expect: Object.keys(expect).length > 0 ? expect : { latency: '< 10s' },
    };
  }

  /** Whether something below a path must be there anyway. */
  #isProven(path: string): boolean {
    return this.#json.some(
      (matcher) =>
        matcher['exists'] !== false &&
        ['.', '['].some((next) => String(matcher['path']).startsWith(path + next)),
    );
  }

  #status(refuse: Refuse): Record<string, unknown> {
    const statuses = this.#statuses;
    if (statuses === undefined || statuses.join() === allStatuses.filter(is2xx).join()) return {};
    if (statuses.length === 0) refuse('expectations of the status that no status meets');
    return statuses.length === 1 ? { status: statuses[0] } : { 'status-in': statuses };
  }
}

function written(named: Readonly<Record<string, NamedExpected>>): Matchers {
  const all: Matchers = { expect: {}, not: {} };
  for (const [name, expected] of Object.entries(named)) {
    const { expect, not } = expected.write();
    Object.assign(all.expect, filled(name, expect));
    Object.assign(all.not, filled(name, not));
  }
  return all;
}

function filled(key: string, value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.keys(value).length > 0 ? { [key]: value } : {};
}

/** The schema of a document in which the value at a path is there and of a shape. */
function shapeAt(segments: Segments, shape: Shape): Shape {
  return segments.reduceRight<Shape>(
    (inner, segment) =>
      typeof segment === 'string'
        ? { type: 'object', required: [segment], properties: { [segment]: inner } }
        : {
            type: 'array',
            minItems: segment + 1,
            prefixItems: [...Array.from({ length: segment }, () => ({})), inner],
          },
    shape,
  );
}

export const is2xx = (status: number): boolean => status >= 200 && status < 300;
