import type { CheckState } from '../../../shared/contracts/check-state.js';
import type { Plan } from '../../../shared/contracts/reports/analysis-report.js';
import { isSuccess, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { describeHolder, type Holder, type RunFacts } from '../../../shared/ledger/refs/holder.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { doubtContained } from './contained-for.js';
import { confirmedWord } from './confirm-release.js';

/** So much may two clocks lie apart, in milliseconds. */
const apart = 600_000;

type Ports = Pick<
  TrafficControl,
  'clock' | 'timeline' | 'watch' | 'me' | 'runFacts' | 'github' | 'writers' | 'service' | 'environment'
>;

/** What the watch ref says, who wrote that, and when the release went live by this machine's clock (epoch ms). */
interface Said {
  known: CheckState | undefined;
  from: Holder | undefined;
  since: number;
}

/**
 * How far the release was judged, where that can be: whoever may push can write the watch ref. It begins when the release
 * went live, and reaches no further than the run that wrote it lived, as GitHub says; a confirmation stands on the
 * Deployment too, and who was contained in an incident. Anything else is judged from the beginning.
 */
export async function believable(
  ports: Ports,
  live: DeploymentRecord,
  plan: Pick<Plan, 'intervalMs'>,
  { known, from, since }: Said,
): Promise<CheckState> {
  const anew: CheckState = { since, checkedTo: since, criteria: {} };
  // A state of our own that nobody wrote before.
  if (!known || !from) return anew;
  const doubt =
    doubtOf(known, { live, plan, since, now: ports.clock.now() }) ??
    (known.checkedTo === known.since ? undefined : await doubtWriter(ports, live, known, from)) ??
    (known.contained && (await doubtContained(ports, live, known.contained)));
  if (doubt === undefined) return known;
  ports.timeline.say(
    `What ${ports.watch.ref} says of earlier checks does not count: ${doubt}. All is judged from the beginning. Find out who wrote it`,
  );
  return anew;
}

/** What the state itself says that cannot be. Pure. */
function doubtOf(
  { since: begins, checkedTo, confirmedAt, criteria }: CheckState,
  {
    live,
    plan,
    since,
    now,
  }: { live: DeploymentRecord; plan: Pick<Plan, 'intervalMs'>; since: number; now: number },
): string | undefined {
  const confirmed = live.statuses.some(
    (status) => isSuccess(status) && status.description.startsWith(confirmedWord),
  );
  if (Math.abs(begins - since) > apart) return 'it does not begin when the release went live';
  if (checkedTo > now + apart || checkedTo < begins) return 'it reaches beyond the time there was';
  if (confirmedAt !== undefined && !confirmed) return 'it says confirmed, and the Deployment does not';
  // Looks that there never were would outweigh those without data.
  const most = Math.ceil((checkedTo - begins) / plan.intervalMs) + 1;
  const counted = Object.values(criteria).find(
    ({ looks: { all, withData } }) => all > most || withData > all,
  );
  return (
    counted &&
    `it counts ${counted.looks.all} looks in a time that has ${most}, unless the interval was another one then`
  );
}

/**
 * Why the run that it names cannot have judged so far: a scheduled check is of the workflow that asks, or of the release's
 * own run, and judges nothing after its end.
 */
async function doubtWriter(
  { me, runFacts }: Ports,
  live: DeploymentRecord,
  { checkedTo }: CheckState,
  from: Holder,
): Promise<string | undefined> {
  const [theirs, mine] = await Promise.all([
    runFacts(from.runId, from.attempt),
    runFacts(me.runId, me.attempt),
  ]);
  const who = describeHolder(from);
  const { run } = theirs;
  if (!run || run.attempt < from.attempt) return `there is no ${who}`;
  if (run.event?.startsWith('pull_request')) return `${who} ran for a ${run.event}`;
  const sameRelease = from.runId === live.payload.run.id;
  if (!sameRelease && run.path !== mine.run?.path)
    return `${who} is of ${run.path ?? 'no known workflow'}, and checks are of ${mine.run?.path ?? 'another one'}`;
  const endedAt = endOf(theirs, from);
  if (endedAt === undefined) return `${who} is not over, and says what it judged already`;
  return checkedTo > endedAt + apart
    ? `it was judged up to ${isoInstant(checkedTo)}, and ${who} ended at ${isoInstant(endedAt)}`
    : undefined;
}

/** When the job that wrote a state ended, or its run where the job is not known; undefined where that is not said. */
const endOf = ({ run, jobs }: RunFacts, { job }: Holder): number | undefined =>
  (job === 0 ? undefined : jobs.find(({ id }) => id === job)?.endedAt) ?? run?.endedAt;
