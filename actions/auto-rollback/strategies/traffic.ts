import { canTakeBack, takeBack } from '../../../shared/traffic/recovery/take-back.js';
import type { Strategy } from './strategy.js';

/** All traffic goes back to the previous colour, which must still run the last good release. */
export const traffic = {
  name: 'traffic',
  preflight: ({ control }, releases) => canTakeBack(control, releases),
  run: ({ control }, request) => takeBack(control, request),
} as const satisfies Strategy;
