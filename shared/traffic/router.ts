import * as z from 'zod';

/** One change to one node of a router: absolute (doing it twice is doing it once) and serialisable, so that dry run, journal and crash tests see the same. */
export const callSchema = z.strictObject({
  node: z.string(),
  /** The call in the router's own words, for people. */
  say: z.string(),
  /** What the router's code needs to do it. */
  action: z.record(z.string(), z.string()),
});

export type Call = z.output<typeof callSchema>;

/** Share of new requests by colour, in percent; a colour without traffic has 0. */
export type Weights = Readonly<Record<string, number>>;

/** What a router said of itself. */
export interface Observed {
  nodes: Readonly<Record<string, Weights>>;
  /** Mean over the nodes. */
  weights: Weights;
  /** What a node would come back with after a reload, where that is known and can differ. */
  saved?: Readonly<Record<string, Weights>>;
  /** Text that changes when, and only when, the weights of a node do. */
  version: string;
}

/** A router could not be read or changed, or said something that is not understood. */
export class RouterError extends Error {
  override readonly name = 'RouterError';
  constructor(
    message: string,
    readonly node: string,
  ) {
    super(message);
  }
}

/** A traffic router: where the requests of a service go, and how that is changed. */
export interface Router {
  readonly kind: string;
  readonly nodes: readonly string[];
  readonly can: { atomic: boolean; weighted: boolean };
  /** What the chosen mechanism costs, where there is one without that cost. */
  readonly warning?: string;
  /** The weights of every node, from the router itself; throws RouterError. */
  read(): Promise<Observed>;
  /** The calls that lead every node from what was observed to the target, in order; none when it is reached. Pure. */
  plan(observed: Observed, target: Weights): Call[];
  /** Does one call; throws RouterError. Resolves only when the router has confirmed. */
  apply(call: Call): Promise<void>;
}

/** Puts together what the nodes said. */
export function observe(
  nodes: Readonly<Record<string, Weights>>,
  saved?: Readonly<Record<string, Weights>>,
): Observed {
  const names = Object.keys(nodes);
  const colours = [...new Set(names.flatMap((node) => Object.keys(nodes[node]!)))];
  const mean = (colour: string) =>
    names.reduce((sum, node) => sum + (nodes[node]![colour] ?? 0), 0) / names.length;
  const version = names
    .map((node) => `${node}: ${colours.map((colour) => `${colour}=${nodes[node]![colour] ?? 0}`).join(' ')}`)
    .join('; ');
  return {
    nodes,
    weights: Object.fromEntries(colours.map((colour) => [colour, mean(colour)])),
    version,
    ...(saved ? { saved } : {}),
  };
}

/** The colour that gets all traffic, or undefined when traffic is mixed or goes nowhere. */
export function liveColour(weights: Weights): string | undefined {
  const lit = Object.entries(weights).filter(([, weight]) => weight > 0);
  return lit.length === 1 ? lit[0]![0] : undefined;
}

/** Weights with all traffic on one colour. */
export function allTo(colour: string, colours: readonly string[]): Weights {
  return Object.fromEntries(colours.map((name) => [name, name === colour ? 100 : 0]));
}

/** Weights with a share (percent) on one colour and the rest on another. */
export function share(percent: number, colour: string, other: string): Weights {
  return { [colour]: percent, [other]: 100 - percent };
}

/** Whether two sets of weights give every colour the same share. */
export function sameWeights(a: Weights, b: Weights): boolean {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every(
    (colour) => (a[colour] ?? 0) === (b[colour] ?? 0),
  );
}

/** Weights for people: `blue 90 %, green 10 %`. */
export function describeWeights(weights: Weights): string {
  const lit = Object.entries(weights).filter(([, weight]) => weight > 0);
  if (lit.length === 0) return 'no traffic anywhere';
  const total = lit.reduce((sum, [, weight]) => sum + weight, 0);
  return lit.map(([colour, weight]) => `${colour} ${Math.round((100 * weight) / total)} %`).join(', ');
}
