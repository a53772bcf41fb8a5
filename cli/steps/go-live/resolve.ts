import type { GoLivePlan } from '../../../shared/contracts/reports/go-live-report.js';
import type { Problem } from '../../../shared/config/problem.js';
import { placeOf, type GoLiveEntry, type GoLiveFile } from './plan-file.js';

/** A release as the ledger has it. */
export interface Standing {
  version: string;
  digest: string;
  tree: string;
  releasedSha: string;
}

/** What is live somewhere; `unknown` where the ledger cannot prove it, which is not nothing. */
export type Known<T> = { is: 'known'; value: T | undefined } | { is: 'unknown'; reason: string };

/** What the ledger says of one service: where it was proved, and where it is to go. */
export interface Proofs {
  from: Known<Standing>;
  to: Known<Standing>;
}

/** What the plan is resolved for. */
export interface Subject {
  sha: string;
  tree: string;
  /** Commit that the plan was read at. */
  commit: string;
  file: string;
  /** Attempt of the run. */
  attempt: number;
  /** Path of this workflow, whose Deployments count too. */
  workflow: string;
}

/**
 * The plan with versions and digests, or everything that stops it: each service must be live where it was proved, built
 * from the very tree that is released. One that is live already where it goes to is left alone, so that a go-live
 * started again goes on where it stopped.
 */
export function resolvePlan(
  plan: GoLiveFile,
  subject: Subject,
  proofOf: (name: string) => Proofs,
): { ok: true; plan: GoLivePlan } | { ok: false; problems: Problem[] } {
  const problems: Problem[] = [];
  const services: GoLivePlan['services'] = [];
  for (const [at, entry] of plan.services.entries()) {
    const { from, to } = proofOf(entry.name);
    const refuse = (got: string, allowed: string, fix: string) =>
      problems.push({ file: subject.file, path: `services.${at}.name`, got, allowed, fix });
    const found = proved(plan, subject, entry, from, refuse);
    if (to.is === 'unknown')
      refuse(
        `${entry.name}, and what is live in ${placeOf(plan.environment, entry.name)} is not known: ${to.reason}`,
        'a service of which the ledger says what is live',
        'run the workflow Reconcile, then this one again',
      );
    if (!found || to.is === 'unknown') continue;
    services.push({
      service: entry.name,
      rank: entry.rank,
      environment: placeOf(plan.environment, entry.name),
      version: found.version,
      digest: found.digest,
      url: entry.url ?? '',
      backup: entry.backup,
      cdn: entry.cdn,
      'back-with': entry['back-with'],
      live: to.value?.digest === found.digest && to.value.tree === found.tree,
    });
  }
  if (problems.length > 0) return { ok: false, problems };
  const first = services.find(({ service }) => service === plan.database?.service);
  const { verify } = plan;
  return {
    ok: true,
    plan: {
      releaseId: `go-live-${subject.sha.slice(0, 12)}`,
      attempt: subject.attempt,
      commit: subject.commit,
      takeBack: plan['take-back'],
      ...(first && plan.database && services.some(({ live }) => !live)
        ? {
            database: {
              service: first.service,
              environment: first.environment,
              version: first.version,
              ...(plan.database['reversible-schema'] === undefined
                ? {}
                : { reversibleSchema: plan.database['reversible-schema'] }),
            },
          }
        : {}),
      services,
      ...(verify ? { verify } : {}),
      watchHours: plan['watch-hours'],
      releaseWorkflows: [...new Set([...plan['release-workflows'], subject.workflow])],
    },
  };
}

function proved(
  plan: GoLiveFile,
  { sha, tree }: Subject,
  { name }: GoLiveEntry,
  from: Known<Standing>,
  refuse: (got: string, allowed: string, fix: string) => void,
): Standing | undefined {
  const stage = placeOf(plan.from, name);
  const allowed = `a release of commit ${sha.slice(0, 12)} that is live in ${stage}`;
  if (from.is === 'unknown') {
    refuse(
      `${name}, and what is live in ${stage} is not known: ${from.reason}`,
      allowed,
      `release it to ${stage} again`,
    );
    return undefined;
  }
  const { value } = from;
  if (value === undefined) {
    refuse(
      `${name}, which was never live in ${stage}`,
      allowed,
      `release it to ${stage} first; if it was, name its workflow under "release-workflows"`,
    );
    return undefined;
  }
  if (value.tree !== tree) {
    refuse(
      `${name}: ${value.version} of commit ${value.releasedSha.slice(0, 12)} is live in ${stage}`,
      allowed,
      `release commit ${sha.slice(0, 12)} to ${stage}, or start this workflow on ${value.releasedSha.slice(0, 12)}`,
    );
    return undefined;
  }
  return value;
}
