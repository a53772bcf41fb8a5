import { compatibility } from './compatibility.js';
import { data } from './data.js';
import { locks } from './locks.js';
import { reading } from './reading.js';
import type { Rule } from './rule.js';
import { squawk } from './squawk.js';

const all = { ...compatibility, ...locks, ...data, ...reading, ...squawk };

export type RuleId = keyof typeof all;

/** All rules by id, in the order in which the docs show them. */
export const rules: Readonly<Record<RuleId, Rule>> = all;

export const isRule = (id: string): id is RuleId => Object.hasOwn(rules, id);

export const ruleIds = Object.keys(all) as [RuleId, ...RuleId[]];
