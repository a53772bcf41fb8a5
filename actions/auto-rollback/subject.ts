import type { ReleaseFacts } from '../../shared/contracts/analysis-report.js';
import type { DeploymentRecord } from '../../shared/ledger/record.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { provedGood, provedLive, readHistory } from '../../shared/traffic/ledger-outcome.js';
import { describeWeights, liveColour } from '../../shared/traffic/router.js';

/** The release that is live by ledger and router alike, and the one to go back to when there is one. */
export type Found =
  { ok: true; live: DeploymentRecord; good: DeploymentRecord | undefined } | { ok: false; why: string };

type Reader = Pick<TrafficControl, 'github' | 'environment' | 'service' | 'writers' | 'prove' | 'router'> &
  Partial<Pick<TrafficControl, 'timeline'>>;

/** Finds what is live. Ledger and router must agree, and the records be trusted; anything else is a reason to do nothing. */
export async function findLive(reader: Reader, wanted: number | undefined): Promise<Found> {
  const { live, history, nothing } = await provedLive(reader, await readHistory(reader));
  if (!live) return { ok: false, why: nothing };
  const { colour, version } = live.payload;
  if (wanted !== undefined && live.id !== wanted) {
    return {
      ok: false,
      why: `Deployment ${wanted} is not live any more: ${version} (Deployment ${live.id}) is`,
    };
  }
  const [{ weights }, { found: good }] = await Promise.all([
    reader.router.read(),
    provedGood(reader, history, live),
  ]);
  if (liveColour(weights) !== colour) {
    return {
      ok: false,
      why: `the ledger says ${version} is live on ${colour} (Deployment ${live.id}), the router says ${describeWeights(weights)}: run the switch action with mode status`,
    };
  }
  return { ok: true, live, good };
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
