import type { ReleaseFacts } from '../../shared/contracts/analysis-report.js';
import { liveByLedger, previousGood, type DeploymentRecord } from '../../shared/ledger/record.js';
import { verifyRuns } from '../../shared/ledger/trust.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { readHistory } from '../../shared/traffic/ledger-outcome.js';
import { describeWeights, liveColour } from '../../shared/traffic/router.js';

/** The release that is live by ledger and router alike, and the one to go back to when there is one. */
export type Found =
  { ok: true; live: DeploymentRecord; good: DeploymentRecord | undefined } | { ok: false; why: string };

type Reader = Pick<TrafficControl, 'github' | 'environment' | 'service' | 'writers' | 'router'>;

/** Finds what is live. Ledger and router must agree, and the records be trusted; anything else is a reason to do nothing. */
export async function findLive(reader: Reader, wanted: number | undefined): Promise<Found> {
  const where = `${reader.service} in ${reader.environment}`;
  const history = await readHistory(reader);
  const recorded = liveByLedger(history);
  if (!recorded) {
    const distrusted = history.find(({ distrust }) => distrust.length > 0);
    const why = distrusted
      ? ` (Deployment ${distrusted.id} does not count: ${distrusted.distrust.join('; ')})`
      : '';
    return { ok: false, why: `nothing of ${where} is live by the ledger${why}` };
  }
  if (wanted !== undefined && recorded.id !== wanted) {
    return {
      ok: false,
      why: `Deployment ${wanted} is not live any more: ${recorded.payload.version} (Deployment ${recorded.id}) is`,
    };
  }
  const earlier = previousGood(history, recorded);
  const [live, good] = await verifyRuns(reader.github, earlier ? [recorded, earlier] : [recorded]);
  if (live!.distrust.length > 0) {
    return {
      ok: false,
      why: `Deployment ${recorded.id} is live and not trusted: ${live!.distrust.join('; ')}`,
    };
  }
  const { weights } = await reader.router.read();
  const { colour, version } = recorded.payload;
  if (liveColour(weights) !== colour) {
    return {
      ok: false,
      why: `the ledger says ${version} is live on ${colour} (Deployment ${recorded.id}), the router says ${describeWeights(weights)}: run the switch action with mode status`,
    };
  }
  return { ok: true, live: live!, good: good?.distrust.length === 0 ? good : undefined };
}

/** Why the live colour is not the watched one any more; undefined while it is, or while the router cannot be asked. */
export async function movedAway(reader: Pick<Reader, 'router'>, colour: string): Promise<string | undefined> {
  try {
    const { weights } = await reader.router.read();
    return liveColour(weights) === colour ? undefined : describeWeights(weights);
  } catch {
    // A router that does not answer has not moved; taking back reads it again and says what is wrong.
    return undefined;
  }
}

/** A record as the report shows it. */
export function releaseFacts(record: DeploymentRecord): ReleaseFacts {
  const { version, colour, digest } = record.payload;
  return { deployment: record.id, version, colour, sha: record.sha, digest };
}
