import * as z from 'zod';
import { deploymentPayloadSchema } from '../../../../shared/contracts/deployment.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { listDeployments } from '../../../../shared/ledger/list-deployments.js';
import { sameName } from '../../../../shared/ledger/names.js';
import {
  distrustUnread,
  outcomeOf,
  succeededAt,
  type DeploymentRecord,
} from '../../../../shared/ledger/record.js';
import { statusProver } from '../../../../shared/ledger/proof/trust.js';
import { dayMs } from '../../../../shared/time/zone.js';
import { commit } from '../code/commit.js';
import { defineEvidence, Unknowable, type Sources } from '../evidence.js';

const deploymentStates = [
  'queued',
  'pending',
  'waiting',
  'in_progress',
  'success',
  'failure',
  'error',
  'inactive',
] as const;

const identity = z.strictObject({ login: z.string(), bot: z.boolean() });

const recordSchema = z.strictObject({
  id: z.int().positive(),
  environment: z.string(),
  service: z.string(),
  sha: z.string(),
  createdAt: z.number(),
  by: identity,
  payload: deploymentPayloadSchema,
  statuses: z.array(
    z.strictObject({
      state: z.enum(deploymentStates),
      at: z.number(),
      by: identity,
      description: z.string(),
      /** Address of the log it names. */
      log: z.string().optional(),
      /** Why it does not count; undefined too where it was not looked up. */
      doubt: z.string().optional(),
    }),
  ),
  /** Reasons of the ledger against the record's author. */
  distrust: z.array(z.string()),
  /** Reasons against its run and tree; undefined where they were not looked up. */
  doubts: z.array(z.string()).optional(),
});

/** A ledger record as the gates judge it. */
export type EvidenceRecord = z.output<typeof recordSchema>;

/** How far back the ledger is read, in days; always as far as the deployment before. */
const ledgerDays = 365;

/** Records of one digest whose run and tree are looked up; each costs two requests. */
const mostLookedUp = 20;

/**
 * The service's records in the environments that the gates name, newest first; those of the digest asked for have their
 * run and tree looked up.
 */
export const deployments = defineEvidence({
  kind: 'deployments',
  what: 'the ledger',
  schema: z.strictObject({ environments: z.array(z.string()), records: z.array(recordSchema) }),
  permission: { deployments: 'read', actions: 'read', contents: 'read' },
  collect: async (needs: readonly (readonly string[])[], sources) => {
    const { github, request, now, writers } = sources;
    const environments = [...new Set(needs.flat())];
    const { records: listed, complete } = await listDeployments(github, {
      environments,
      service: request.service,
      wholeFirst: true,
      since: now - ledgerDays * dayMs,
      writers,
    });
    if (!complete)
      throw new Unknowable(`there are more Deployments in ${environments.join(', ')} than can be read`);
    const records = distrustUnread(listed);
    const candidates = records
      .filter(({ payload, distrust }) => payload.digest === request.digest && distrust.length === 0)
      .slice(0, mostLookedUp);
    const looked = await lookUp(sources, candidates, records).catch((error: unknown) =>
      doubtAll(candidates, error),
    );
    return {
      environments,
      records: records.map((record): EvidenceRecord => {
        const found = looked.get(record.id);
        return {
          ...record,
          statuses: [...(found ?? record).statuses],
          distrust: [...record.distrust],
          ...(found ? { doubts: [...found.doubts] } : {}),
        };
      }),
    };
  },
});

/** One prover for all look-ups of a check, so that each run is asked for once. */
export const proverOf = ({ once, github, release }: Pick<Sources, 'once' | 'github' | 'release'>) =>
  once('ledger proofs', async () => statusProver(github, release));

type Found = Pick<DeploymentRecord, 'statuses'> & { doubts: readonly string[] };
type LookedUp = Map<number, Found>;

/**
 * Run, tree and statuses of the candidates, and run and statuses of what took their place where nothing else says when
 * that was.
 */
async function lookUp(
  sources: Sources,
  candidates: readonly DeploymentRecord[],
  history: readonly DeploymentRecord[],
): Promise<LookedUp> {
  const prove = await proverOf(sources);
  const verified = await prove(candidates, history);
  const after = await prove(successorsOf(verified, history), history);
  const trees = new Map<string, Promise<string | undefined>>();
  const entries = verified.map(async ({ id, payload, distrust, statuses }) => {
    const sha = payload.releasedSha;
    if (!trees.has(sha)) trees.set(sha, treeOf(sources, sha));
    const tree = await trees.get(sha);
    const doubts = [...distrust];
    if (tree === undefined) doubts.push(`its commit ${sha} does not exist`);
    else if (tree !== payload.tree)
      doubts.push(`its commit ${sha} has the tree ${tree}, not the one it claims`);
    return [id, { statuses, doubts }] as const;
  });
  return new Map<number, Found>([
    ...after.map(({ id, statuses, distrust }) => [id, { statuses, doubts: [...distrust] }] as const),
    ...(await Promise.all(entries)),
  ]);
}

/** For each record that counts as live, the next success of its environment: that one ended it, if it counts itself. */
function successorsOf(
  verified: readonly DeploymentRecord[],
  history: readonly DeploymentRecord[],
): DeploymentRecord[] {
  const found = verified.flatMap((record) => {
    const outcome = outcomeOf(record);
    if (outcome.is !== 'succeeded' || outcome.supersededAt !== undefined) return [];
    return history
      .filter(
        ({ environment, distrust, id }) =>
          sameName(environment, record.environment) && distrust.length === 0 && id !== record.id,
      )
      .map((other) => ({ other, at: succeededAt(other) }))
      .filter(({ at }) => at !== undefined && at >= outcome.at)
      .sort((a, b) => a.at! - b.at!)
      .slice(0, 1)
      .map(({ other }) => other);
  });
  const known = new Set(verified.map(({ id }) => id));
  return [...new Set(found)].filter(({ id }) => !known.has(id));
}

/** What cannot be looked up is doubted, and the rest of the ledger stays known to the gates that do not need it. */
function doubtAll(records: readonly DeploymentRecord[], error: unknown): LookedUp {
  if (!(error instanceof GitHubError || error instanceof Unknowable)) throw error;
  const doubt = `its run and tree could not be looked up: ${error.message.replace(/\s+/g, ' ')}`;
  return new Map(records.map(({ id, statuses }) => [id, { statuses, doubts: [doubt] }]));
}

/** The tree of a commit; that of the released one is known already. */
async function treeOf(sources: Sources, sha: string): Promise<string | undefined> {
  const released = sha === sources.request.sha && sources.asks(commit.kind);
  return released ? (await sources.valueOf(commit)).tree : readTree(sources.github, sha);
}

async function readTree(github: GitHub, sha: string): Promise<string | undefined> {
  try {
    const { tree } = await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      commit_sha: sha,
    });
    return tree.sha;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}
