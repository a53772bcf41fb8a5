import { blockers } from './blockers.js';
import { branch } from './branch.js';
import { checks } from './checks.js';
import type { AnyGate } from './gate.js';
import { incidents } from './incidents.js';
import { monotonic } from './monotonic.js';
import { promotion } from './promotion.js';
import { window } from './window.js';

/** All gates, in the order in which they are shown. */
export const gates: readonly AnyGate[] = [branch, checks, promotion, monotonic, incidents, blockers, window];
