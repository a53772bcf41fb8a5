import { findLive } from '../../../actions/gate-check/evidence/ledger/live.js';
import { Unknowable } from '../../../actions/gate-check/evidence/evidence.js';
import type { GoLivePlan } from '../../../shared/contracts/reports/go-live-report.js';
import type { Problem } from '../../../shared/config/problem.js';
import type { GitHub, GitHubClock } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { statusProver, type Prove } from '../../../shared/ledger/proof/trust.js';
import { distrustUnread, outcomeOf, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { dayMs } from '../../../shared/time/zone.js';
import type { Job, Live, Service } from './decide.js';
import { placeOf, type GoLiveFile } from './plan-file.js';
import type { Known, Proofs } from './resolve.js';

/** How far back the ledger is read, in days; always as far as the release before. */
const ledgerDays = 365;

interface Ledger {
  github: GitHub & GitHubClock;
  writers: readonly string[];
  prove: Prove;
}

/** The ledger, where only Deployments of these workflows count. Needs `deployments: read` and `actions: read`. */
export const openLedger = (
  github: GitHub & GitHubClock,
  writers: readonly string[],
  workflows: readonly string[],
): Ledger => ({ github, writers, prove: statusProver(github, { workflows }) });

/** What is live of each service of a plan where it comes from, and where it goes to. */
export async function readProofs(ledger: Ledger, plan: GoLiveFile): Promise<Map<string, Proofs>> {
  const standing = async (pattern: string, name: string): Promise<Proofs['from']> => {
    const { live } = await readLive(ledger, placeOf(pattern, name), name);
    if (live.is === 'unknown' || live.value === undefined) return live as Proofs['from'];
    const { version, digest, tree, releasedSha } = live.value.payload;
    return { is: 'known', value: { version, digest, tree, releasedSha } };
  };
  const read = plan.services.map(async ({ name }): Promise<[string, Proofs]> => {
    const [from, to] = await Promise.all([standing(plan.from, name), standing(plan.environment, name)]);
    return [name, { from, to }];
  });
  return new Map(await Promise.all(read));
}

/** What the ledger says now of each service of a go-live. */
export function readServices(ledger: Ledger, plan: GoLivePlan, runId: number): Promise<Service[]> {
  // By the run, since a go-live that is started again on the same commit has the same releaseId.
  const isOwn = ({ payload: { releaseId, kind, run } }: DeploymentRecord) =>
    releaseId === plan.releaseId && kind !== 'rollback' && run.id === runId;
  return Promise.all(
    plan.services.map(async (planned): Promise<Service> => {
      const { live, records } = await readLive(ledger, planned.environment, planned.service);
      const own = records.find((record) => isOwn(record) && record.distrust.length === 0);
      const [proved] = own ? await ledger.prove([own], records) : [];
      const outcome = proved && proved.distrust.length === 0 ? outcomeOf(proved) : undefined;
      return {
        planned,
        live:
          live.is === 'unknown'
            ? live
            : {
                is: 'known',
                value: live.value && liveFrom(live.value, records, isOwn(live.value)),
              },
        had: outcome?.is === 'taken-back' ? 'rolled-back' : outcome?.is === 'succeeded' ? 'traffic' : 'none',
      };
    }),
  );
}

function liveFrom(
  { id, payload }: DeploymentRecord,
  records: readonly DeploymentRecord[],
  own: boolean,
): Live {
  const { version, digest, kind, schema, previous } = payload;
  const before = records.find((record) => record.id === previous && record.distrust.length === 0);
  return {
    deployment: id,
    version,
    digest,
    kind,
    schema: schema?.version,
    schemaBefore: before?.payload.schema?.version,
    own,
  };
}

/** What is live of a service in an environment, and all its records there. */
export async function readLive(
  { github, writers, prove }: Ledger,
  environment: string,
  service: string,
): Promise<{ live: Known<DeploymentRecord>; records: readonly DeploymentRecord[] }> {
  const listed = await listDeployments(github, {
    environments: [environment],
    service,
    writers,
    since: github.now() - ledgerDays * dayMs,
  });
  const records = distrustUnread(listed.records);
  if (!listed.complete)
    return { live: { is: 'unknown', reason: 'it has more Deployments than can be read' }, records };
  try {
    return { live: { is: 'known', value: await findLive(prove, records) }, records };
  } catch (error) {
    if (error instanceof Unknowable) return { live: { is: 'unknown', reason: error.message }, records };
    throw error;
  }
}

/**
 * Files of the released commit that a go-live needs last, and that are not there: what is learned after everybody has
 * the new version is learned too late. Needs `contents: read`.
 */
export async function missingFiles(
  github: GitHub,
  { sha, file }: { sha: string; file: string },
  plan: GoLiveFile,
): Promise<Problem[]> {
  const cdn = plan.services.findIndex((service) => service.cdn);
  const needed = [
    ...(plan.verify ? [{ needs: plan.verify.suite, path: 'verify' }] : []),
    ...(cdn >= 0 ? [{ needs: 'deploy/invalidate', path: `services.${cdn}.cdn` }] : []),
  ];
  const problems = needed.map(async ({ needs, path }): Promise<Problem[]> => {
    try {
      const found = await github.rest('GET /repos/{owner}/{repo}/contents/{path}', {
        path: needs.replace(/^(\.?\/)+/, ''),
        ref: sha,
      });
      if (!Array.isArray(found) && found.type === 'file') return [];
    } catch (error) {
      if (!(error instanceof GitHubError && error.status === 404 && !error.permission)) throw error;
    }
    const at = sha.slice(0, 12);
    return [
      {
        file,
        path,
        got: `${needs}, which commit ${at} does not have`,
        allowed: 'a file of the commit that is released',
        fix: `add ${needs} to it, or remove  ${path.split('.').at(-1)}  here`,
      },
    ];
  });
  return (await Promise.all(problems)).flat();
}

/** The newest attempt of each job of a run. Needs `actions: read`. */
export async function readJobs(github: GitHub, runId: number): Promise<Job[]> {
  const { items, truncated } = await github.pages(
    'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    { run_id: runId, filter: 'latest' },
    (page) => page.jobs,
  );
  if (truncated) throw new GitHubError(`Run ${runId} has more jobs than can be read.`, 200);
  return items.map(({ name, conclusion, started_at, completed_at }) => ({
    name,
    conclusion: conclusion ?? undefined,
    startedAt: parseInstant(started_at ?? ''),
    completedAt: parseInstant(completed_at ?? ''),
  }));
}
