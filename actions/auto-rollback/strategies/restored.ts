import { createDeployment } from '../../../shared/ledger/deployments.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import { checkColour } from '../../../shared/traffic/colour/check.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { recordLive } from '../../../shared/traffic/switch/ledger-outcome.js';
import { rollbackPayload, type TakeBackRequest } from '../../../shared/traffic/recovery/take-back.js';
import type { Able, StrategyPorts } from './strategy.js';

/** Between two looks, in milliseconds. */
const lookEvery = 2_000;

/** Whether the good release has all traffic, by the router and by the colour itself, and on which colour. */
export async function hasTraffic(
  { control }: Pick<StrategyPorts, 'control'>,
  { good }: Pick<TakeBackRequest, 'good'>,
): Promise<{ ok: true; colour: string } | Extract<Able, { ok: false }>> {
  const { http, config, clock, router } = control;
  const colour = liveColour((await router.read()).weights);
  if (colour === undefined) return { ok: false, why: 'traffic goes to several colours' };
  const { version, digest } = good.payload;
  const well = await checkColour(http, config, colour, { version, digest }, clock);
  return well.ok ? { ok: true, colour } : { ok: false, why: well.why };
}

/** Waits until the good release has all traffic, at most until `until` (epoch ms). */
export async function awaitTraffic(
  ports: Pick<StrategyPorts, 'control'>,
  request: Pick<TakeBackRequest, 'good'>,
  until: number,
): ReturnType<typeof hasTraffic> {
  for (;;) {
    const seen = await hasTraffic(ports, request);
    if (seen.ok || ports.control.clock.now() >= until) return seen;
    await ports.control.clock.sleep(lookEvery);
  }
}

/** Records what was seen: a Deployment of kind rollback that is live, and the bad one as taken back. */
export async function recordRestored(
  { control }: Pick<StrategyPorts, 'control'>,
  { bad, good, reason }: TakeBackRequest,
  colour: string,
  held: Lock,
): Promise<number> {
  const payload = { ...rollbackPayload(control, bad, good), colour };
  const deployment = await createDeployment(control.github, {
    environment: control.environment,
    service: control.service,
    sha: good.sha,
    production: control.production,
    description: `${control.service}: back to ${payload.version} (${reason})`,
    payload,
  });
  await recordLive(control, { ...held, deployment, payload, version: payload.version, to: colour });
  return deployment;
}
