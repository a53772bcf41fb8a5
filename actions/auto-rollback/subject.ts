import type { SourcePorts } from '../../shared/analysis/source.js';
import type { AnalysisReport, ReleaseFacts } from '../../shared/contracts/reports/analysis-report.js';
import { firstProved } from '../../shared/ledger/proof/first-proved.js';
import {
  mayHaveSucceeded,
  outcomeOf,
  succeededAt,
  type DeploymentRecord,
} from '../../shared/ledger/record.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { subjectOf } from '../../shared/traffic/subject.js';
import { liveInFact } from '../../shared/traffic/switch/live-in-fact.js';
import { provedGood, provedLive, readHistory } from '../../shared/traffic/switch/ledger-outcome.js';
import { describeSurvey, describeWeights, liveColour, readable } from '../../shared/traffic/router.js';

/**
 * The release that is live by ledger and router alike, and the one to go back to when there is one. `gone`: the wanted
 * release is not live, another one is. `never`: nothing was ever released here.
 */
export type Found =
  | { ok: true; live: DeploymentRecord; good: DeploymentRecord | undefined }
  | { ok: false; why: string; gone?: true; never?: true };

export type Live = Extract<Found, { ok: true }>;

type Reader = Pick<
  TrafficControl,
  'github' | 'environment' | 'service' | 'writers' | 'prove' | 'router' | 'http' | 'config'
> &
  Partial<Pick<TrafficControl, 'timeline'>>;

/**
 * Finds what is live. Ledger and router must agree, or the router and the colour itself disprove the ledger, and the
 * records be trusted; anything else is a reason to do nothing. Nodes that cannot be read are said and no such reason as
 * long as one can: a rescue must not wait for a broken node.
 */
export async function findLive(
  reader: Reader,
  wanted: number | undefined,
  toVersion?: string,
): Promise<Found> {
  const [survey, ledger] = await Promise.all([
    reader.router.survey(),
    readHistory(reader).then((records) => provedLive(reader, records)),
  ]);
  const { live, history, nothing } = await liveInFact(reader, ledger, survey.partial.weights);
  if (!live) return { ok: false, why: nothing, ...(history.length === 0 ? { never: true } : {}) };
  const { colour, version } = live.payload;
  if (wanted !== undefined && live.id !== wanted) {
    return {
      ok: false,
      gone: true,
      why: `Deployment ${wanted} is not live any more: ${version} (Deployment ${live.id}) is`,
    };
  }
  const good =
    toVersion === undefined
      ? (await provedGood(reader, history, live)).found
      : await goodNamed(reader, history, live, toVersion);
  if (toVersion !== undefined && !good) {
    const known = new Set(history.filter(({ id }) => id !== live.id).map((one) => one.payload.version));
    return {
      ok: false,
      why: `no release ${toVersion} of ${reader.service} was live in ${reader.environment} and stayed good; known are ${[...known].slice(0, 10).join(', ') || 'none'}`,
    };
  }
  const { lost } = readable(survey);
  for (const why of lost) reader.timeline?.say(why);
  if (liveColour(survey.partial.weights) !== colour) {
    return {
      ok: false,
      why: `the ledger says ${version} is live on ${colour} (Deployment ${live.id}), the router says ${describeSurvey(survey)}: run the switch action with mode status`,
    };
  }
  return { ok: true, live, good };
}

/** The newest release of a version that was live, proves itself and was never taken back. */
async function goodNamed(
  reader: Reader,
  history: readonly DeploymentRecord[],
  live: DeploymentRecord,
  version: string,
): Promise<DeploymentRecord | undefined> {
  const named = history.filter(
    (record) => record.id !== live.id && record.payload.version === version && mayHaveSucceeded(record),
  );
  const isSound = (record: DeploymentRecord) =>
    record.unread === undefined && outcomeOf(record).is === 'succeeded';
  return (await firstProved(reader.prove, history, named, isSound)).found;
}

/** Why the live colour is not the watched one any more; undefined while it is, or while the router cannot be asked. */
export async function movedAway(reader: Pick<Reader, 'router'>, colour: string): Promise<string | undefined> {
  const survey = await reader.router.survey();
  // A node that does not answer has not moved; taking back reads it again and says what is wrong.
  if (Object.keys(readable(survey).seen).length === 0) return undefined;
  const { weights } = survey.partial;
  return liveColour(weights) === colour ? undefined : describeWeights(weights);
}

/** A record as the report shows it. */
export function releaseFacts(record: DeploymentRecord): ReleaseFacts {
  const { version, colour, digest } = record.payload;
  return { deployment: record.id, version, colour, sha: record.sha, digest };
}

/** The report with the release it is about and the one to go back to. */
export function withReleases(
  report: AnalysisReport,
  live: DeploymentRecord,
  good: DeploymentRecord | undefined,
): AnalysisReport {
  return { ...report, watched: releaseFacts(live), ...(good ? { previous: releaseFacts(good) } : {}) };
}

/** The release before the watched one and when that went live, by this machine's clock, for baselines. */
export function beforeIt(
  control: TrafficControl,
  { live, good }: Live,
): Pick<SourcePorts, 'previous' | 'liveSince'> {
  const since = succeededAt(live);
  return {
    ...(good ? { previous: subjectOf(control, { ...good.payload, sha: good.sha }) } : {}),
    ...(since === undefined ? {} : { liveSince: since - (control.github.ahead() ?? 0) }),
  };
}
