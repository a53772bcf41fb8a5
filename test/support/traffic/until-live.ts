import { until } from '../until.js';
import type { TrafficStage } from './stage.js';

/** Waits until a colour has all traffic of the stage's router. */
export const untilLive = (at: Pick<TrafficStage, 'live'>, colour: string): Promise<void> =>
  until(() => at.live() === colour, `${colour} is live`);
