import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import { setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import type { LedgerPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { refused, type ModeResult } from '../report/result.js';

/**
 * Says of this run's release that it stays: it is live by the ledger and by the router. Ends the scope of an automatic
 * revert.
 */
export async function confirm(
  control: LedgerPorts & Pick<TrafficControl, 'me' | 'router' | 'runUrl'>,
): Promise<ModeResult> {
  const { weights } = await control.router.read();
  const { live, nothing } = await provedLive(control, await readHistory(control));
  const { runId, attempt } = control.me;
  const ours =
    live &&
    live.payload.run.id === runId &&
    live.payload.run.attempt <= attempt &&
    live.payload.kind !== 'rollback';
  const reasons: Refusal[] = [];
  if (!ours)
    reasons.push(
      live
        ? coded(
            'live-of-another-run',
            `${live.payload.version} of run ${live.payload.run.id} is live, not this run's release`,
          )
        : coded('nothing-live', nothing),
    );
  if (live && liveColour(weights) !== live.payload.colour) {
    reasons.push(
      coded(
        'router-differs-from-ledger',
        `the ledger says ${live.payload.colour} is live, the router says ${liveColour(weights) ?? 'mixed'}`,
      ),
    );
  }
  if (!live || reasons.length > 0) return refused(reasons, { before: weights });
  await setDeploymentStatus(
    control.github,
    live.id,
    'success',
    `confirmed: ${live.payload.version} stays on ${live.payload.colour}`,
    {
      log: control.runUrl,
    },
  );
  const { version, digest, colour } = live.payload;
  return {
    ok: true,
    result: 'confirmed',
    message: `${version} stays: it is live on ${colour} by the ledger and by the router`,
    before: weights,
    target: colour,
    version,
    digest,
    deployment: live.id,
  };
}
