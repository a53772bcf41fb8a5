import type { Migration, StepName } from '../../../shared/ledger/refs/migration.js';

/** How a migration ended. */
export type Ending = 'applied' | 'undone' | 'restored' | 'untouched';

/** What a run does next by the journal alone. */
export type Next =
  /** Nothing was changed: fence and back-up are made anew. */
  | { next: 'begin' }
  /** The back-up is there, and nothing was begun on the schema. */
  | { next: 'apply-first' }
  /** Migrations were begun on: the tool goes on where it stopped. */
  | { next: 'apply-again' }
  | { next: 'verify' }
  /** It failed, and nothing was done about that yet. */
  | { next: 'take-back' }
  | { next: 'undo' | 'restore' }
  | { next: 'lift'; ending: Ending };

type Steps = Pick<Migration, 'steps' | 'failure'>;

/** Whether a step was done in this journal. */
export const isDone = ({ steps }: Pick<Migration, 'steps'>, name: StepName): boolean =>
  steps.some(({ step, done }) => step === name && done !== undefined);

/** What comes next after the last step of a journal, whoever wrote it. Pure. */
export function nextStep(journal: Steps): Next {
  const last = journal.steps.at(-1);
  if (!last) return { next: 'begin' };
  const done = last.done !== undefined;
  switch (last.step) {
    case 'fence':
      return { next: 'begin' };
    case 'back-up':
      return { next: done ? 'apply-first' : 'begin' };
    case 'apply':
      if (journal.failure !== undefined) return { next: 'take-back' };
      return { next: done ? 'verify' : 'apply-again' };
    case 'verify':
      if (journal.failure !== undefined) return { next: 'take-back' };
      return done ? { next: 'lift', ending: 'applied' } : { next: 'verify' };
    case 'undo':
    case 'restore':
      return done ? { next: 'lift', ending: endingOf(journal) } : { next: last.step };
    case 'lift':
      return { next: 'lift', ending: endingOf(journal) };
  }
}

/** How it ended, by the last step that decided that. */
export function endingOf(journal: Steps): Ending {
  if (isDone(journal, 'restore')) return 'restored';
  if (isDone(journal, 'undo')) return 'undone';
  return journal.failure === undefined && isDone(journal, 'verify') ? 'applied' : 'untouched';
}

/**
 * The same where the run that left the journal was of another version than the one that comes now: its code is not
 * here, so what it began on is taken back instead of gone on with. Pure.
 */
export function nextForOther(journal: Migration): Next {
  const next = nextStep(journal);
  return next.next === 'apply-again' || next.next === 'verify' ? { next: 'take-back' } : next;
}
