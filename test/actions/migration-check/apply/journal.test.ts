import { describe, expect, test } from '@jest/globals';
import { endingOf, nextForOther, nextStep } from '../../../../actions/migration-check/apply/journal.js';
import type { Migration, StepName } from '../../../../shared/ledger/refs/migration.js';

const begun = '2026-01-01T00:00:00Z';
/** A journal of steps that are done; the last one is not when it ends with `…`. */
const journal = (steps: string, failure?: string) => ({
  steps: steps
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => ({
      step: word.replace('…', '') as StepName,
      begun,
      ...(word.endsWith('…') ? {} : { done: begun }),
    })),
  ...(failure === undefined ? {} : { failure }),
});

describe('what comes after a journal', () => {
  test.each<[string, string | undefined, string]>([
    ['', undefined, 'begin'],
    ['fence…', undefined, 'begin'],
    ['fence', undefined, 'begin'],
    ['fence back-up…', undefined, 'begin'],
    ['fence back-up', undefined, 'apply-first'],
    ['fence back-up apply…', undefined, 'apply-again'],
    ['fence back-up apply…', 'it broke', 'take-back'],
    ['fence back-up apply', undefined, 'verify'],
    ['fence back-up apply verify…', undefined, 'verify'],
    ['fence back-up apply verify…', 'it broke', 'take-back'],
    ['fence back-up apply verify', undefined, 'lift applied'],
    ['fence back-up apply… undo…', 'it broke', 'undo'],
    ['fence back-up apply… undo', 'it broke', 'lift undone'],
    ['fence back-up apply… undo… restore…', 'it broke', 'restore'],
    ['fence back-up apply… undo… restore', 'it broke', 'lift restored'],
    ['fence back-up apply verify lift…', undefined, 'lift applied'],
    ['fence back-up lift…', undefined, 'lift untouched'],
    ['fence back-up apply… lift…', 'it broke', 'lift untouched'],
  ])('"%s" (failure: %s) is %s', (steps, failure, expected) => {
    const next = nextStep(journal(steps, failure));
    expect('ending' in next ? `${next.next} ${next.ending}` : next.next).toBe(expected);
  });

  test.each([
    ['fence back-up apply…', 'take-back'],
    ['fence back-up apply', 'take-back'],
    ['fence back-up', 'apply-first'],
    ['fence back-up apply verify', 'lift'],
  ])('of another version, "%s" is %s', (steps, expected) => {
    expect(nextForOther(journal(steps) as Migration).next).toBe(expected);
  });

  test('a restore decides how it ended, whatever came before', () => {
    expect(endingOf(journal('fence back-up apply verify… undo restore', 'it broke'))).toBe('restored');
  });
});
