/** What can be made to go wrong with one version of the shop. */
export interface Fault {
  /** Share of requests answered 500, 0..1; never /health or /metrics. */
  errorRate?: number;
  /** Extra milliseconds before each answer; never /health or /metrics. */
  latencyMs?: number;
  /** errorRate and latencyMs meet this route alone, as /metrics names it. */
  route?: string;
  /** /health answers 503. */
  unhealthy?: boolean;
  /** Orders of one tenant are shown to the others. */
  tenantLeak?: boolean;
  /** /health reports this version instead of the real one. */
  wrongVersion?: string;
  /** Milliseconds after the start during which everything answers 503. */
  slowStartMs?: number;
  /** errorRate, latencyMs and tenantLeak begin only after so many requests: a smoke test passes, load does not. */
  afterRequests?: number;
  /** The same, after so many milliseconds. */
  afterMs?: number;
  /** Where in the stream the failures fall; the same seed gives the same requests. */
  seed?: number;
}

const checks: { [Name in keyof Required<Fault>]: [test: (value: unknown) => boolean, allowed: string] } = {
  errorRate: [(value) => isNumber(value) && value <= 1, 'a number from 0 to 1'],
  latencyMs: [isNumber, 'milliseconds, 0 or more'],
  route: [(value) => typeof value === 'string', 'the name of a route, as /metrics has it'],
  unhealthy: [isBoolean, 'true or false'],
  tenantLeak: [isBoolean, 'true or false'],
  wrongVersion: [(value) => typeof value === 'string', 'a version, as a string'],
  slowStartMs: [isNumber, 'milliseconds, 0 or more'],
  afterRequests: [isNumber, 'a count, 0 or more'],
  afterMs: [isNumber, 'milliseconds, 0 or more'],
  seed: [isNumber, 'a number, 0 or more'],
};

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

/** Checks a fault given as JSON text; throws naming the wrong key and what is allowed. */
export function parseFault(text: string): Fault {
  const fault: unknown = JSON.parse(text);
  if (typeof fault !== 'object' || fault === null || Array.isArray(fault)) {
    throw new Error('a fault is a JSON object, for example {"errorRate":0.12}');
  }
  for (const [key, value] of Object.entries(fault)) {
    const check = checks[key as keyof Fault];
    if (!check) throw new Error(`unknown fault "${key}"; allowed: ${Object.keys(checks).join(', ')}`);
    if (!check[0](value)) throw new Error(`fault "${key}" is ${JSON.stringify(value)}; allowed: ${check[1]}`);
  }
  return fault;
}

export interface Effects {
  fail: boolean;
  latencyMs: number;
  tenantLeak: boolean;
}

const NONE: Effects = { fail: false, latencyMs: 0, tenantLeak: false };
const BLOCK = 100;

/** Decides request by request what a fault does; `now` and `since` are epoch milliseconds. */
export class FaultPlan {
  readonly fault: Fault;
  private readonly since: number;
  private seen = 0;
  private affected = 0;
  private block = new Set<number>();
  private readonly random: () => number;

  constructor(fault: Fault, since: number) {
    this.fault = fault;
    this.since = since;
    this.random = seeded(fault.seed ?? 1);
  }

  /** Effects on the next request, of that route. */
  next(now: number, route?: string): Effects {
    const active =
      this.seen >= (this.fault.afterRequests ?? 0) && now - this.since >= (this.fault.afterMs ?? 0);
    this.seen += 1;
    if (!active) return NONE;
    const { tenantLeak = false, latencyMs = 0, errorRate = 0 } = this.fault;
    const isMet = this.fault.route === undefined || this.fault.route === route;
    return isMet ? { fail: this.fails(errorRate), latencyMs, tenantLeak } : { ...NONE, tenantLeak };
  }

  /** Each hundred requests holds its exact share of failures, at shuffled places that no call pattern follows. */
  private fails(rate: number): boolean {
    const place = this.affected % BLOCK;
    if (place === 0) {
      const upTo = (requests: number): number => Math.floor(requests * rate + 1e-9);
      const wanted = upTo(this.affected + BLOCK) - upTo(this.affected);
      this.block = new Set();
      while (this.block.size < wanted) this.block.add(Math.floor(this.random() * BLOCK));
    }
    this.affected += 1;
    return this.block.has(place);
  }
}

/** mulberry32: a small generator, good enough to spread failures. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
