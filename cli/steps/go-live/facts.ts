import { findLive } from '../../../actions/gate-check/evidence/ledger/live.js';
import { Unknowable } from '../../../actions/gate-check/evidence/evidence.js';
import type { GoLivePlan } from '../../../shared/contracts/reports/go-live-report.js';
import type { GitHub, GitHubClock } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { statusProver, type Prove } from '../../../shared/ledger/proof/trust.js';
import { distrustUnread, outcomeOf, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { dayMs } from '../../../shared/time/zone.js';
import type { Job, Service } from './decide.js';
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
export function readServices(ledger: Ledger, plan: GoLivePlan): Promise<Service[]> {
  return Promise.all(
    plan.services.map(async (planned): Promise<Service> => {
      const { live, records } = await readLive(ledger, planned.environment, planned.service);
      const own = records.find(
        ({ payload, distrust }) =>
          payload.releaseId === plan.releaseId && payload.kind !== 'rollback' && distrust.length === 0,
      );
      const [proved] = own ? await ledger.prove([own], records) : [];
      const outcome = proved && proved.distrust.length === 0 ? outcomeOf(proved) : undefined;
      return {
        planned,
        live:
          live.is === 'unknown'
            ? live
            : {
                is: 'known',
                value: live.value && {
                  deployment: live.value.id,
                  version: live.value.payload.version,
                  schema: live.value.payload.schema?.version,
                  own:
                    live.value.payload.releaseId === plan.releaseId && live.value.payload.kind !== 'rollback',
                },
              },
        had: outcome?.is === 'taken-back' ? 'rolled-back' : outcome?.is === 'succeeded' ? 'traffic' : 'none',
      };
    }),
  );
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
