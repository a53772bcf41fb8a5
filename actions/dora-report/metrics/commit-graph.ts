/** A commit as far as lead time needs it. */
export interface GraphCommit {
  oid: string;
  parents: readonly string[];
  /** Epoch milliseconds. */
  committedAt: number;
  authoredAt: number;
  /** First line of the message. */
  headline: string;
  author?: { name: string; login?: string | undefined; bot: boolean } | undefined;
  /** Services of whose paths it changed something; undefined where no paths were asked for. */
  touches?: readonly string[] | undefined;
  /** Shas that the message says it reverts, whole or at least 7 characters of them. */
  reverts: readonly string[];
  /** Pull requests that the message says it reverts, as `owner/repository#number`, lower case. */
  revertsPulls: readonly string[];
  /** The pull request that brought it, in the same form, where its first line says so. */
  pull?: string | undefined;
}

/** Commits by sha; a graph may be partly loaded, then some parents are missing from it. */
export type CommitGraph = ReadonlyMap<string, GraphCommit>;

/** Shas in the order they went live in one place. The first one only says what was there already. */
export type DeployedChain = readonly string[];

/** Which commits each deployed sha brought that none before it in its chain had. */
export interface Ranges {
  /** Same length as the chain; the first is always empty. */
  brought: readonly (readonly string[])[];
  /**
   * Shas that must be loaded before the ranges are certain, with the newest commit date among their children (epoch ms;
   * Infinity when none is loaded).
   */
  frontier: ReadonlyMap<string, number>;
  /** Positions in the chain whose range is not certain. */
  uncertain: ReadonlySet<number>;
}

/**
 * Credits every commit to the first deployed sha that contains it, by reachability. Dates decide only how far a partly
 * loaded graph must be loaded on, never what is in a range. `liveBefore` are commits known to be below the first sha.
 */
export function rangesOf(
  graph: CommitGraph,
  missing: ReadonlySet<string>,
  chain: DeployedChain,
  liveBefore: readonly string[] = [],
): Ranges {
  const credited = new Set<string>(liveBefore);
  /** Unloaded shas below what is credited, with the newest date of a credited child. */
  const below = new Map<string, number>();
  const frontier = new Map<string, number>();
  const uncertain = new Set<number>();
  const brought = chain.map((sha, index) => {
    const range: string[] = [];
    const open = new Map<string, number>();
    const pending: [oid: string, childAt: number][] = [[sha, Infinity]];
    for (let next = pending.pop(); next; next = pending.pop()) {
      const [oid, childAt] = next;
      if (missing.has(oid)) continue;
      if (below.has(oid)) {
        raise(below, oid, childAt);
        continue;
      }
      if (credited.has(oid)) continue;
      const commit = graph.get(oid);
      if (!commit) {
        raise(open, oid, childAt);
        continue;
      }
      credited.add(oid);
      range.push(oid);
      for (const parent of commit.parents) pending.push([parent, commit.committedAt]);
    }
    if (index === 0) {
      for (const [oid, childAt] of open) {
        if (!graph.has(oid)) below.set(oid, childAt);
        if (oid === sha) raise(frontier, oid, Infinity);
      }
      return [];
    }
    let oldest = Infinity;
    for (const oid of range) oldest = Math.min(oldest, graph.get(oid)!.committedAt);
    for (const [oid, childAt] of below) if (childAt >= oldest) raise(open, oid, childAt);
    for (const [oid, childAt] of open) {
      raise(frontier, oid, childAt);
      raise(below, oid, childAt);
    }
    if (open.size > 0) uncertain.add(index);
    return range;
  });
  return { brought, frontier, uncertain };
}

/**
 * Whether an ancestor can be reached from a sha in what is loaded; a commit reaches itself. A commit lies deeper than
 * all below it, so a search never goes deeper than what it looks for.
 */
export function isBelow(graph: CommitGraph): (sha: string, ancestor: string) => boolean {
  let depths: Map<string, number> | undefined;
  return (sha, ancestor) => {
    depths ??= depthsOf(graph);
    const deepest = depths.get(ancestor);
    if (deepest === undefined) return sha === ancestor;
    const seen = new Set<string>();
    const pending = [sha];
    for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
      if (oid === ancestor) return true;
      if (seen.has(oid) || (depths.get(oid) ?? -1) <= deepest) continue;
      seen.add(oid);
      pending.push(...(graph.get(oid)?.parents ?? []));
    }
    return false;
  };
}

/** Length of the longest way from each commit down to where the loaded graph ends. */
function depthsOf(graph: CommitGraph): Map<string, number> {
  const depths = new Map<string, number>();
  for (const start of graph.keys()) {
    const pending = [start];
    for (let oid = pending.at(-1); oid !== undefined; oid = pending.at(-1)) {
      const parents = (graph.get(oid)?.parents ?? []).filter((parent) => graph.has(parent));
      const unknown = depths.has(oid) ? [] : parents.filter((parent) => !depths.has(parent));
      if (unknown.length > 0) {
        pending.push(...unknown);
        continue;
      }
      if (!depths.has(oid)) depths.set(oid, 1 + Math.max(0, ...parents.map((parent) => depths.get(parent)!)));
      pending.pop();
    }
  }
  return depths;
}

function raise(map: Map<string, number>, key: string, value: number): void {
  map.set(key, Math.max(map.get(key) ?? -Infinity, value));
}
