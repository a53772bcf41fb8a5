import { describe, expect, it } from '@jest/globals';
import type { Lock } from '../../../../shared/ledger/refs/lock.js';
import { decideRecovery, type Decision } from '../../../../shared/traffic/recovery/decide.js';
import { allTo, observe } from '../../../../shared/traffic/router.js';

const blue = allTo('blue', ['blue', 'green']);
const green = allTo('green', ['blue', 'green']);
const call = { node: 'a', say: 'x', action: {} };

type Case = [
  what: string,
  lock: Partial<Omit<Lock, 'journal'>> & { journal?: Partial<Lock['journal']> },
  nodes: Record<string, typeof blue>,
  outcome: Parameters<typeof decideRecovery>[2],
  decision: Decision,
];

const decide = ([, lock, nodes, outcome]: Case, whole: boolean) => {
  const journal = {
    direction: 'forward' as const,
    observed: observe({ a: blue, b: blue }).version,
    calls: [call],
    done: 0,
    onInterrupt: 'revert' as const,
    ...lock.journal,
  };
  return decideRecovery(
    {
      from: 'blue',
      to: 'green',
      phase: 'switching',
      payload: { kind: 'release' } as Lock['payload'],
      ...lock,
      journal,
    },
    observe(nodes),
    outcome,
    whole,
  );
};

const stops = [{ percent: 10, stay: 'pause' as const }];

describe('what a dead run left, with every node read,', () => {
  const cases: Case[] = [
    ['a reservation is released', { phase: 'reserved' }, { a: blue, b: blue }, 'in-flight', 'release'],
    ['a finished reservation is unlocked', { phase: 'reserved' }, { a: blue }, 'succeeded', 'unlock'],
    ['a retirement is unlocked', { phase: 'retiring' }, { a: blue }, undefined, 'unlock'],
    ['what the ledger knows as live is unlocked', {}, { a: green, b: green }, 'succeeded', 'unlock'],
    ['what the ledger knows as taken back is unlocked', {}, { a: blue, b: blue }, 'taken-back', 'unlock'],
    ['a switch that did nothing is released', {}, { a: blue, b: blue }, 'in-flight', 'release'],
    ['a half switch is reverted', { journal: { done: 1 } }, { a: green, b: blue }, 'in-flight', 'revert'],
    ['or completed', { journal: { onInterrupt: 'complete' } }, { a: blue, b: blue }, 'in-flight', 'complete'],
    ['or held', { journal: { done: 1, onInterrupt: 'hold' } }, { a: green, b: blue }, 'in-flight', 'hold'],
    [
      'stops that nobody judged are never completed',
      { stops, journal: { onInterrupt: 'complete', done: 1 } },
      { a: green, b: blue },
      'in-flight',
      'revert',
    ],
    [
      'a way back is finished',
      { journal: { direction: 'back', onInterrupt: 'complete' } },
      { a: blue, b: green },
      'in-flight',
      'revert',
    ],
  ];
  for (const one of cases) it(one[0], () => expect(decide(one, true)).toBe(one[4]));
});

describe('what a dead run left, with a node that cannot be read,', () => {
  const cases: Case[] = [
    ['a reservation is released all the same', { phase: 'reserved' }, {}, 'in-flight', 'release'],
    ['what the ledger closed is not touched', {}, { a: green }, 'succeeded', 'wait'],
    ['nor what it knows as failed', {}, { a: blue }, 'failed', 'wait'],
    ['a half switch goes back', { journal: { done: 1 } }, { a: green }, 'in-flight', 'revert'],
    ['so does one whose first call may have been made', {}, { a: green }, 'in-flight', 'revert'],
    [
      'and one of which nothing can be read but a call was made',
      { journal: { done: 1 } },
      {},
      'in-flight',
      'revert',
    ],
    ['one that seems not to have begun waits', {}, { a: blue }, 'in-flight', 'wait'],
    [
      'nothing goes forward',
      { journal: { done: 1, onInterrupt: 'complete' } },
      { a: green },
      'in-flight',
      'wait',
    ],
    [
      'but a rollback, which goes to the good release',
      { journal: { onInterrupt: 'complete' }, payload: { kind: 'rollback' } as Lock['payload'] },
      { a: blue },
      'in-flight',
      'complete',
    ],
    ['a hold is a hold', { journal: { done: 1, onInterrupt: 'hold' } }, { a: green }, 'in-flight', 'hold'],
    [
      'stops go back even when the rest is on the new colour',
      { stops, journal: { done: 2, onInterrupt: 'complete' } },
      { a: green },
      'in-flight',
      'revert',
    ],
    ['a way back goes on', { journal: { direction: 'back' } }, { a: blue }, 'in-flight', 'revert'],
  ];
  for (const one of cases) it(one[0], () => expect(decide(one, false)).toBe(one[4]));
});
