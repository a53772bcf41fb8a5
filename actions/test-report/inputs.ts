import * as z from 'zod';
import { integer, lines, refuse } from '../../shared/config/fields.js';
import type { FieldMeta } from '../../shared/runner/fields.js';

/** A level of tests, and the reports that its runs left. */
export interface Level {
  name: string;
  files: string[];
}

/** What part of all tests some levels should be. */
export interface Target {
  levels: string[];
  percent: number;
}

const level = /^([a-z][a-z0-9-]{0,29}):\s*(\S.*)$/;
const target = /^([a-z][a-z0-9-]{0,29}(?: [a-z][a-z0-9-]{0,29})*):\s*(\d{1,3})$/;

const levels = lines()
  .transform((all, context): Level[] => {
    const found = new Map<string, string[]>();
    for (const line of all) {
      const [, name, file] = level.exec(line) ?? [];
      if (name === undefined || file === undefined)
        return refuse(context, 'a level and a file of it on each line, such as "unit: junit.xml"');
      found.set(name, [...(found.get(name) ?? []), file]);
    }
    // No level at all would be the greenest report of all.
    if (found.size === 0) return refuse(context, 'at least one level, such as "unit: junit.xml"');
    return [...found].map(([name, files]) => ({ name, files }));
  })
  .meta({ example: '"unit: junit.xml"' } satisfies FieldMeta);

const targets = lines().transform((all, context): Target[] =>
  all.map((line) => {
    const [, names, share] = target.exec(line) ?? [];
    const percent = Number(share);
    if (names === undefined || percent > 100)
      return refuse(context, 'levels and a per cent on each line, such as "integration api: 20"');
    return { levels: names.split(' '), percent };
  }),
);

export const inputs = z.strictObject({
  junit: levels.describe(
    'Levels of tests with the JUnit reports that they left, one a line, such as "unit: junit.xml". A level may have several lines. Each must have run.',
  ),
  shares: targets
    .prefault('')
    .describe(
      'What part of all tests a level should be, in per cent, one a line: "unit: 70", "integration api: 20".',
    ),
  within: integer(0, 100).prefault('15').describe('How far a share may be from that, in percentage points.'),
  coverage: z
    .string()
    .optional()
    .describe(
      'Report of coverage: Cobertura, a summary of Istanbul in JSON, or lcov. Empty: it is not looked at, and then no bound may be given.',
    ),
  'coverage-at-least': integer(0, 100)
    .optional()
    .describe('Least share of lines that the tests run, in per cent; 80 where it is not given.'),
});

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .enum(['passed', 'failed', 'blind'])
    .describe('failed: a test, the coverage or a share. blind: a level or the coverage is not known.'),
  report: z.string().describe('Path of the JSON report (schemas/test-report.json).'),
  junit: z.string().describe('Path of one JUnit report of all levels.'),
  tests: z.string().describe('How many tests ran.'),
  coverage: z.string().describe('Lines that the tests run, in per cent, rounded down; empty when not known.'),
});

export type Outputs = z.output<typeof outputs>;
