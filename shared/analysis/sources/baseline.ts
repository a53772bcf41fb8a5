import * as z from 'zod';
import { duration } from '../../config/fields.js';
import type { SourcePorts, Subject, Window } from '../source.js';
import { templateField } from './fields.js';

const dayMs = 86_400_000;

/** What a number is compared with. */
export const baselineField = () =>
  z
    .strictObject({
      is: z
        .enum(['before', 'last-week', 'other-colour'])
        .describe(
          'before: the previous release, in the time before this one was live. last-week: the same time a week ago. other-colour: the previous release now, where it has traffic.',
        ),
      over: duration().prefault('1h').describe('before: how long before.'),
      query: templateField()
        .optional()
        .describe(
          'The expression of the baseline, where it is another one; {{ … }} stand for the previous release.',
        ),
    })
    .optional()
    .describe('What "% of baseline" means.');

type Field = NonNullable<z.output<ReturnType<typeof baselineField>>>;

/**
 * When and of which release the baseline of a number is to be asked: for one window once and for all, or for the time of
 * each point, shifted. `why`: there is none.
 */
export type Baseline =
  | { is: 'once'; window: Window; subject: Subject }
  | { is: 'each'; shiftMs: number; subject: Subject }
  | { is: 'none'; why: string };

/** The baseline of a release. */
export function baselineOf({ is, over }: Field, { subject, previous, liveSince }: SourcePorts): Baseline {
  if (is === 'last-week') return { is: 'each', shiftMs: 7 * dayMs, subject: previous ?? subject };
  if (!previous) return { is: 'none', why: 'there is no release before this one to compare with' };
  if (is === 'other-colour') return { is: 'each', shiftMs: 0, subject: previous };
  if (liveSince === undefined) return { is: 'none', why: 'when this release went live is not known' };
  return { is: 'once', window: { from: liveSince - over, to: liveSince }, subject: previous };
}
