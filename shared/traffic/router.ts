import type { Call } from '../contracts/call.js';
import { coded, type Refusal } from '../contracts/refusal-codes.js';

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

/** What one node said of itself. */
export interface NodeState {
  weights: Weights;
  /**
   * What it would come back with, where that is known and can differ; null where something is saved that is not
   * understood.
   */
  saved?: Weights | null;
}

/** One node by itself: what it said, or why it cannot be read (a sentence that names it). */
export type NodeReading = { name: string } & (({ ok: true } & NodeState) | { ok: false; why: string });

/** Every node by itself, in the order of the router's `nodes`. */
export interface Survey {
  nodes: readonly NodeReading[];
  /** What those said put together that can be read: enough to plan for them. */
  partial: Observed;
  /** The same, and undefined as long as one of them cannot be read. */
  observed: Observed | undefined;
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

/**
 * Whether the router itself holds a colour up, on every node; `servers` can serve on the node that has the fewest. `lag`
 * is how old that may be, or how long it may take to be known (ms), where it is not of now. `on` are the nodes that hold
 * it down, where others do not.
 */
export type Serving =
  | { is: 'up'; servers: number; lag?: number }
  | { is: 'down'; why: string; on?: readonly string[] }
  | { is: 'unknown'; why: string; lag?: number };

/**
 * What would make a switch fail half-way, and what is true of a switch that succeeds; sentences without a full stop.
 */
export interface Inspection {
  obstacles: readonly Refusal[];
  notes: readonly string[];
}

/** An error for people; one of the router with its code. */
export function describeFailure(error: unknown): string {
  const message = messageOf(error);
  return error instanceof RouterError ? coded('router-failed', message.replace(/\.$/, '')) : message;
}

/** A traffic router: where the requests of a service go, and how that is changed. */
export interface Router {
  readonly kind: string;
  readonly nodes: readonly string[];
  readonly can: { atomic: boolean; weighted: boolean };
  /** What the chosen mechanism costs, where there is one without that cost. */
  readonly warning?: string;
  /**
   * The weights of every node, from the router itself; throws RouterError, which says it of each node that cannot be
   * read.
   */
  read(): Promise<Observed>;
  /** The same for as many nodes as can be read: never throws for one that cannot. */
  survey(): Promise<Survey>;
  /** The calls that lead every node from what was observed to the target, in order; none when it is reached. Pure. */
  plan(observed: Observed, target: Weights): Call[];
  /** What would be observed once the nodes that were observed have the target: enough to plan on from there. Pure. */
  reached(observed: Observed, target: Weights): Observed;
  /** Does one call; throws RouterError. Resolves only when the router has confirmed. */
  apply(call: Call): Promise<void>;
  /**
   * Whether the router would find a server for a request to this colour; left out where it cannot know. Never throws
   * for a node that cannot be read.
   */
  serving?(colour: string): Promise<Serving>;
  /**
   * What a look at the weights does not show; left out where there is nothing of the kind. Never throws for a node that
   * cannot be read.
   */
  inspect?(): Promise<Inspection>;
}

/**
 * A router by what its file knows: how one node is read and, where there is more to a node than its state, what all
 * said together.
 */
interface RouterDefinition<State extends NodeState, Seen extends Observed> extends Omit<
  Router,
  'read' | 'survey' | 'plan' | 'reached'
> {
  readNode(name: string): Promise<State>;
  together(states: Readonly<Record<string, State>>): Seen;
  plan(observed: Seen, target: Weights): Call[];
  /** Left out where a plan looks at weights alone. */
  reached?(observed: Seen, target: Weights): Seen;
  /** Whether nodes are read one after the other instead of all at once. */
  inTurn?: boolean;
}

/** Makes a router: `read` and `survey` are the same look at every node. */
export function defineRouter<State extends NodeState, Seen extends Observed>({
  readNode,
  together,
  inTurn = false,
  ...router
}: RouterDefinition<State, Seen>): Router {
  type Look = { name: string } & ({ state: State } | { error: unknown });
  const lookAt = async (name: string): Promise<Look> => {
    try {
      return { name, state: await readNode(name) };
    } catch (error) {
      return { name, error };
    }
  };
  async function look(): Promise<Look[]> {
    if (!inTurn) return Promise.all(router.nodes.map(lookAt));
    const looks: Look[] = [];
    for (const name of router.nodes) looks.push(await lookAt(name));
    return looks;
  }
  const put = (looks: readonly Look[]) =>
    together(Object.fromEntries(looks.flatMap((one) => ('state' in one ? [[one.name, one.state]] : []))));
  const lost = (looks: readonly Look[]) => looks.flatMap((one) => ('error' in one ? [one] : []));
  return {
    reached: everywhere,
    ...router,
    async read() {
      const looks = await look();
      const [first, ...more] = lost(looks);
      if (!first) return put(looks);
      if (more.length === 0) throw first.error;
      const all = [first, ...more];
      const message = all.map(({ error }) => messageOf(error)).join(' ');
      throw new RouterError(message, all.map(({ name }) => name).join(', '));
    },
    async survey() {
      const looks = await look();
      const nodes = looks.map((one): NodeReading => {
        if ('error' in one) return { name: one.name, ok: false, why: messageOf(one.error) };
        const { weights, saved } = one.state;
        return { name: one.name, ok: true, weights, ...(saved === undefined ? {} : { saved }) };
      });
      const partial = put(looks);
      return { nodes, partial, observed: lost(looks).length === 0 ? partial : undefined };
    },
  };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Every observed node with one target, and so in what is saved of it. */
export function everywhere({ nodes, saved }: Observed, target: Weights): Observed {
  const all = (of: Readonly<Record<string, Weights>>) =>
    Object.fromEntries(Object.keys(of).map((node) => [node, target]));
  return observe(all(nodes), saved && all(saved));
}

/** Puts together the states of nodes whose running weights tell when anything changed. */
export function observeStates(states: Readonly<Record<string, NodeState>>): Observed {
  const entries = Object.entries(states);
  const saved = entries.flatMap(([name, state]) => (state.saved ? [[name, state.saved] as const] : []));
  return observe(
    Object.fromEntries(entries.map(([name, { weights }]) => [name, weights])),
    entries.some(([, state]) => state.saved !== undefined) ? Object.fromEntries(saved) : undefined,
  );
}

/** What the nodes say together: down where one is, unknown where one cannot tell, up only where all are. */
export function servingEverywhere(nodes: readonly (Serving & { name: string })[]): Serving {
  const why = (is: 'down' | 'unknown') =>
    nodes.flatMap((node) => (node.is === is ? [node.why] : [])).join('; ');
  const on = nodes.filter(({ is }) => is === 'down').map(({ name }) => name);
  if (on.length > 0) return { is: 'down', why: why('down'), ...(on.length < nodes.length ? { on } : {}) };
  const longest = Math.max(0, ...nodes.map((node) => ('lag' in node ? (node.lag ?? 0) : 0)));
  const lag = longest > 0 ? { lag: longest } : {};
  if (nodes.some(({ is }) => is === 'unknown')) return { is: 'unknown', why: why('unknown'), ...lag };
  const servers = Math.min(...nodes.flatMap((node) => (node.is === 'up' ? [node.servers] : [])));
  return { is: 'up', servers, ...lag };
}

/** The nodes of a survey that can be read, and why the others cannot. */
export function readable({ nodes }: Pick<Survey, 'nodes'>): {
  seen: Record<string, Weights>;
  lost: string[];
} {
  return {
    seen: Object.fromEntries(nodes.flatMap((node) => (node.ok ? [[node.name, node.weights]] : []))),
    lost: nodes.flatMap((node) => (node.ok ? [] : [node.why])),
  };
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

/** A survey for people; why nodes cannot be read is not said. */
export function describeSurvey({ nodes, partial, observed }: Survey): string {
  if (observed) return describeWeights(observed.weights);
  const { seen, lost } = readable({ nodes });
  const rest = Object.keys(seen);
  if (rest.length === 0) return 'not known, no node can be read';
  const traffic = describeWeights(partial.weights);
  return `${traffic} on ${rest.join(', ')}; not known on ${lost.length} of ${nodes.length} nodes, which cannot be read`;
}
