import { canTakeBack, takeBack } from '../../../shared/traffic/recovery/take-back.js';
import type { Strategy } from './strategy.js';

/** All traffic goes back to the previous colour, which must still run the last good release. */
export const traffic = {
  name: 'traffic',
  preflight: canTakeBack,
  run: takeBack,
} as const satisfies Strategy;
