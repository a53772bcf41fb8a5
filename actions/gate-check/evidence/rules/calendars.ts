import * as z from 'zod';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import { readTrustedFile } from '../../../../shared/github/trusted-file.js';
import { horizonDays } from '../../../../shared/time/window.js';
import type { Reading } from '../../../../shared/time/window-occurrences.js';
import { dayMs } from '../../../../shared/time/zone.js';
import { loadCalendars } from './calendar-file.js';
import { defineEvidence, Unknowable } from '../evidence.js';

/** A calendar file of the default branch, and how its times are taken. */
export interface AskedCalendar {
  path: string;
  timezone: string;
  reading: Reading;
}

const schema = z.array(
  z.strictObject({
    path: z.string(),
    timezone: z.string(),
    reading: z.string(),
    spans: z.array(z.strictObject({ from: z.number(), to: z.number(), name: z.string() })),
  }),
);

/** The calendars that windows name, from the default branch, written out as far ahead as windows look. */
export const calendars = defineEvidence({
  kind: 'calendars',
  what: 'the calendars of the window',
  schema,
  permission: { contents: 'read' },
  collect: async (needs: readonly (readonly AskedCalendar[])[], { github, now }) => {
    const read = await loadCalendars();
    return Promise.all(
      needs.flat().map(async ({ path, timezone, reading }) => {
        try {
          const { text } = await readTrustedFile(github, path);
          const range = { from: now - dayMs, to: now + (horizonDays + 1) * dayMs };
          return { path, timezone, reading, spans: read(text, { timezone, reading, range }) };
        } catch (error) {
          if (error instanceof ConfigurationError)
            throw new Unknowable(error.problems.map(({ got, fix }) => `${path}: ${got}; ${fix}`).join('; '));
          if ((error as Error).name === 'GitHubError') throw error;
          throw new Unknowable(`${path}: ${(error as Error).message}`);
        }
      }),
    );
  },
});
