import { coded } from '../../shared/contracts/refusal-codes.js';
import { runNamed } from '../../shared/ledger/proof/doubt-statuses.js';
import { GitHubError } from '../../shared/github/problem.js';
import { isLive, isSuccess, outcomeOf, type DeploymentRecord } from '../../shared/ledger/record.js';
import type { Prove } from '../../shared/ledger/proof/trust.js';
import type { Host } from '../../shared/runner/host.js';
import { openTrafficControl, type ControlInputs } from '../../shared/traffic/open-control.js';
import type { RecoveryPorts, TrafficControl } from '../../shared/traffic/control.js';
import { provedGood, readHistory } from '../../shared/traffic/switch/ledger-outcome.js';
import { verified } from '../../shared/traffic/switch/run-switch.js';
import { recoverLock } from '../../shared/traffic/recovery/recover.js';
import { describeSurvey } from '../../shared/traffic/router.js';
import { takeBack } from '../../shared/traffic/recovery/take-back.js';
import { toOutcome, errorOutcome, type SwitchOutcome } from './outcome.js';
import { withHelp } from './help.js';
import { ofTakeBack, refused, type ModeResult } from './report/result.js';

/** What main leaves for post: enough to find its work again, nothing that a later step could change. */
export interface Armed {
  control: Omit<ControlInputs, 'token'>;
  /** Claim of the lock that main took. */
  claim: string;
  /**
   * Set when main broke off after new connections had reached the new release: the switch is completed then, whatever
   * on-interrupt says.
   */
  verified?: boolean;
  /** Set when main came to its end. */
  finished?: boolean;
  /** The Deployment to take back when the job fails before it is confirmed. */
  revertIfJobFails?: number;
}

/**
 * Brings to an end what an interrupted main left, or takes its release back when the job failed and that was asked for.
 */
export async function finish(host: Host): Promise<SwitchOutcome | undefined> {
  const armed = host.state.read('armed');
  if (!armed) return undefined;
  const left = JSON.parse(armed) as Armed;
  const { control: options, finished, revertIfJobFails } = left;
  const jobFailed = host.variable('INPUT_JOB-STATUS') === 'failure';
  if (finished && !(revertIfJobFails !== undefined && jobFailed)) return undefined;
  const control = await openTrafficControl(host, { ...options, token: host.variable('INPUT_GITHUB-TOKEN') });
  const mode = finished ? 'revert' : 'reconcile';
  try {
    const result = finished
      ? await revertUnconfirmed(control, revertIfJobFails!)
      : await recoverInterrupted(control, left);
    return result && withHelp(await toOutcome(control, mode, result), host);
  } catch (error) {
    return withHelp(
      await errorOutcome(control, mode, await withTraffic(control, error, mode), host.log),
      host,
    );
  } finally {
    control.close();
  }
}

/**
 * When GitHub cannot be asked, nobody knows what was begun: the error says where traffic is all the same, and what
 * finishes it.
 */
async function withTraffic(
  { router }: Pick<TrafficControl, 'router'>,
  error: unknown,
  mode: 'revert' | 'reconcile',
): Promise<unknown> {
  if (!(error instanceof GitHubError)) return error;
  const traffic = `Traffic now: ${describeSurvey(await router.survey())}.`;
  const what =
    mode === 'revert'
      ? 'A later step of this job failed, and the release could not be rolled back'
      : 'What this job began could not be brought to an end';
  const next =
    mode === 'revert'
      ? 'Run mode revert once GitHub answers.'
      : 'Mode reconcile (the settle job or the reconcile workflow) finishes it once GitHub answers; until then the lock keeps every other release waiting.';
  return new Error(`${what}: ${error.message.replace(/\.?$/, '.')} ${traffic} ${next}`, { cause: error });
}

/**
 * The step was cut off while it held the lock: what the journal says is brought to an end, if the lock is still the one
 * main took.
 */
async function recoverInterrupted(
  control: RecoveryPorts,
  left: Pick<Armed, 'claim' | 'verified'>,
): Promise<ModeResult | undefined> {
  const held = await control.lock.read();
  if (!held || held.state.claim !== left.claim) return undefined;
  const before = (await control.router.survey()).observed?.weights;
  const recovery = await recoverLock(
    control,
    left.verified ? { ...held, state: verified(held.state) } : held,
    {
      dead: true,
    },
  );
  const { to, version, digest, deployment } = held.state;
  return {
    ok: recovery.result !== 'held',
    result: recovery.result,
    message: `After an interruption: ${recovery.message}`,
    ...(recovery.result === 'held' ? { reasons: [recovery.message] } : {}),
    ...(before ? { before } : {}),
    target: to,
    version,
    digest,
    deployment,
  };
}

/**
 * A later step failed: back to the last good release, unless this one was confirmed, is not live any more, or has
 * nothing before it.
 */
async function revertUnconfirmed(
  control: TrafficControl,
  deployment: number,
): Promise<ModeResult | undefined> {
  const history = await readHistory(control);
  // Main saved which Deployment it made live: no record of anyone else can take its place, and nothing has to be looked
  // up to believe it.
  const written = history.find(({ id }) => id === deployment);
  if (!written) return undefined;
  // What cannot be read of it is no reason to leave it: a rescue must not wait for strangers who write statuses.
  const { unread: _unread, ...live } = await withProvedStatuses(control, written, history);
  if (!isLive(live) || isConfirmed(control, live)) return undefined;
  const before = (await control.router.survey()).observed?.weights;
  const facts = { deployment, ...(before ? { before } : {}) };
  const { found: good } = await provedGood(
    { ...control, prove: proveUnlessNamed(control, live) },
    history,
    live,
  );
  if (!good) {
    const reason = `a later step failed, and before ${live.payload.version} the ledger knows no release to go back to`;
    return refused([coded('nothing-to-go-back-to', reason)], facts);
  }
  const done = await takeBack(control, {
    bad: live,
    good,
    reason: 'a later step of the job failed before the release was confirmed',
  });
  return ofTakeBack(done, good, facts);
}

/** The record with its statuses proved, or as it is written where GitHub does not say which runs exist. */
async function withProvedStatuses(
  { prove }: Pick<TrafficControl, 'prove'>,
  record: DeploymentRecord,
  history: readonly DeploymentRecord[],
): Promise<DeploymentRecord> {
  try {
    const [proved = record] = await prove([record], history);
    return { ...proved, distrust: record.distrust };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return record;
  }
}

/** Mode confirm said so, in this run. */
const isConfirmed = (
  { github }: Pick<TrafficControl, 'github'>,
  { statuses, payload }: Pick<DeploymentRecord, 'statuses' | 'payload'>,
) =>
  statuses.some(
    (status) =>
      isSuccess(status) &&
      status.description.startsWith('confirmed:') &&
      runNamed(status, `${github.owner}/${github.repository}`) === payload.run.id,
  );

/**
 * The release that this one replaced is named in its Deployment, and reserve proved it then: a rescue does not wait for
 * GitHub to say so again.
 */
function proveUnlessNamed({ prove }: Pick<TrafficControl, 'prove'>, { payload }: DeploymentRecord): Prove {
  return (records, history) =>
    records.every((record) => record.id === payload.previous && outcomeOf(record).is === 'succeeded')
      ? Promise.resolve([...records])
      : prove(records, history);
}
