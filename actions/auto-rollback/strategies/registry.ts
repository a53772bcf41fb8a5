import type { Strategy } from './strategy.js';
import { traffic } from './traffic.js';

/** Every strategy; one line each. */
const strategies = [traffic] as const satisfies readonly Strategy[];

export type StrategyName = (typeof strategies)[number]['name'];

/** Values of the input `strategy`. */
export const strategyNames: readonly StrategyName[] = strategies.map(({ name }) => name);

export const strategyNamed = (wanted: StrategyName): Strategy =>
  strategies.find(({ name }) => name === wanted)!;
