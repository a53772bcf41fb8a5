import type { TrafficStage } from './stage.js';

/** Waits until a colour has all traffic of the stage's router; throws when that takes longer than a busy machine needs. */
export async function untilLive(at: Pick<TrafficStage, 'live'>, colour: string): Promise<void> {
  for (const end = Date.now() + 15_000; at.live() !== colour;) {
    if (Date.now() > end) throw new Error(`${colour} was not live within 15 s: ${at.live()} is`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
