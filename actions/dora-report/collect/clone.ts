import { parseInstant } from '../../../shared/time/instant.js';
import type { DeployedChain, GraphCommit } from '../metrics/commit-graph.js';
import { authorOf, readMessage } from './commit-message.js';

/** Runs git in a clone with a text on its standard input and returns what it printed; undefined where it failed. */
export type Git = (args: readonly string[], input: string) => Promise<string | undefined>;

/** Folders and files whose commits are a service's. */
export interface ServicePath {
  service: string;
  path: string;
}

export type CloneAnswer =
  | {
      usable: true;
      commits: ReadonlyMap<string, GraphCommit>;
      /** For each chain: commits that are known to be below its first one. */
      liveBefore: string[][];
    }
  | { usable: false; why: string };

/** Fields of a commit, each ended by NUL, which no commit can hold. */
const fields = ['%m', '%H', '%P', '%cI', '%aI', '%an', '%ae', '%B'] as const;

/**
 * Reads the commits of the chains from a clone instead of the API, at no request. A clone that is shallow or lacks a
 * deployed commit is not used: it would make ranges too short.
 */
export async function readClone(
  git: Git,
  chains: readonly DeployedChain[],
  repository: string,
): Promise<CloneAnswer> {
  const shallow = await git(['rev-parse', '--is-shallow-repository'], '');
  if (shallow === undefined) return { usable: false, why: 'there is no clone' };
  if (shallow.trim() !== 'false')
    return { usable: false, why: 'the clone is shallow (fetch-depth: 0 makes it whole)' };
  const shas = [...new Set(chains.flat())];
  const checked = await git(['cat-file', '--batch-check=%(objecttype)'], lines(shas));
  const types = checked?.split('\n') ?? [];
  const absent = shas.find((_, index) => types[index] !== 'commit');
  if (absent !== undefined)
    return { usable: false, why: `the clone does not have deployed commit ${absent}` };
  const commits = new Map<string, GraphCommit>();
  const liveBefore: string[][] = [];
  for (const chain of chains) {
    const read = await readChain(git, chain, repository, commits);
    if (!read) return { usable: false, why: 'git could not list its commits' };
    liveBefore.push(read);
  }
  return { usable: true, commits, liveBefore };
}

/**
 * The commits from a chain's first sha on. Where an older one is deployed again, from what all have in common; without
 * that, the whole history.
 */
async function readChain(
  git: Git,
  chain: DeployedChain,
  repository: string,
  commits: Map<string, GraphCommit>,
): Promise<string[] | undefined> {
  const [first] = chain;
  if (first === undefined || chain.length === 1) return [];
  const begun = await log(git, chain, first, repository, commits);
  const older = chain.filter((sha) => sha !== first && !commits.has(sha));
  if (!begun || older.length === 0) return begun && [...begun, first];
  const common = await git(['merge-base', '--octopus', first, ...new Set(older)], '');
  return log(git, chain, common?.trim() || undefined, repository, commits);
}

/** Adds the commits of the chain that are not below `without`; returns those at the edge. */
async function log(
  git: Git,
  chain: DeployedChain,
  without: string | undefined,
  repository: string,
  commits: Map<string, GraphCommit>,
): Promise<string[] | undefined> {
  const format = `--format=${fields.join('%x00')}%x00`;
  const text = await git(
    ['log', '--stdin', '--boundary', '--no-show-signature', '--no-decorate', '--date-order', '-z', format],
    lines([...chain, ...(without === undefined ? [] : [`^${without}`])]),
  );
  if (text === undefined) return undefined;
  const edge: string[] = [];
  const parts = text.split('\0');
  // With -z, git ends each commit with one NUL more.
  for (let at = 0; at + fields.length <= parts.length; at += fields.length + 1) {
    const [mark, oid, parents, committed, authored, author, email, message] = parts.slice(
      at,
      at + fields.length,
    );
    if (!oid) continue;
    if (mark === '-') edge.push(oid);
    if (commits.has(oid)) continue;
    commits.set(oid, {
      oid,
      parents: parents === '' ? [] : parents!.split(' '),
      committedAt: parseInstant(committed!) ?? 0,
      authoredAt: parseInstant(authored!) ?? 0,
      ...(author ? { author: authorOf(author, email!) } : {}),
      ...readMessage(message!, repository),
    });
  }
  return edge;
}

/** The commits of the chains that change something below each path, by service. */
export async function touchedInClone(
  git: Git,
  paths: readonly ServicePath[],
  chains: readonly DeployedChain[],
): Promise<Map<string, Set<string>> | undefined> {
  const touched = new Map<string, Set<string>>();
  const input = lines([...new Set(chains.flat())]);
  for (const { service, path } of paths) {
    const text = await git(
      ['--literal-pathspecs', 'log', '--stdin', '--full-history', '--no-merges', '--format=%H', '--', path],
      input,
    );
    if (text === undefined) return undefined;
    const name = service.toLowerCase();
    const known = touched.get(name) ?? new Set<string>();
    for (const oid of text.split('\n')) if (oid !== '') known.add(oid);
    touched.set(name, known);
  }
  return touched;
}

const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');
