import { command } from './command.js';
import { gitRevert } from './git-revert.js';
import { migrationsDown } from './migrations-down.js';
import { redeploy } from './redeploy.js';
import type { Strategy } from './strategy.js';
import { tag } from './tag.js';
import { traffic } from './traffic.js';

/** Every strategy; one line each. */
export const strategies = [
  traffic,
  redeploy,
  command,
  tag,
  gitRevert,
  migrationsDown,
] as const satisfies readonly Strategy[];

export const strategyNamed = (wanted: string): Strategy => strategies.find(({ name }) => name === wanted)!;
