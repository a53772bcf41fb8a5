import { toOutcome } from '../outcome.js';
import type { Mode } from './mode.js';

/** Judges, and says what would run with which locks. */
export const plan: Mode = async (_input, _host, { report }) => toOutcome(report);
