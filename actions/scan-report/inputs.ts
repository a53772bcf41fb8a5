import * as z from 'zod';
import { lines, refuse } from '../../shared/config/fields.js';
import type { FieldMeta } from '../../shared/runner/fields.js';
import { scannerNames, type ScannerName } from './scanners/registry.js';

/** A scan that must have looked: how its report is read, and the name of its files. */
export interface Expected {
  scanner: ScannerName;
  name: string;
}

const form = `one scan a line: ${scannerNames.join(', ')}, or such a word and a name of yours, as "trivy api"`;

export const inputs = z.strictObject({
  scans: lines()
    .transform((all, context): Expected[] => {
      const expected = all.map((line) => /^([a-z-]+)(?: +([a-z0-9][a-z0-9-]{0,49}))?$/.exec(line));
      const scans = expected.flatMap((match) => {
        const scanner = scannerNames.find((name) => name === match?.[1]);
        return scanner
          ? [{ scanner, name: match?.[2] === undefined ? scanner : `${scanner}-${match[2]}` }]
          : [];
      });
      const names = new Set(scans.map(({ name }) => name));
      // No scan at all would be the cleanest report of all.
      return scans.length === all.length && names.size === all.length && all.length > 0
        ? scans
        : refuse(context, form);
    })
    .meta({ example: 'pip-audit' } satisfies FieldMeta)
    .describe(
      'Scans that must have looked, one a line: the scanner, and a name where it runs more than once, as "trivy api". Each left NAME.json and NAME.ended, here trivy-api.json and trivy-api.ended.',
    ),
  reports: z.string().default('scans').describe('Folder with the files of the scans.'),
  'fail-at': z
    .enum(['critical', 'high', 'medium', 'low'])
    .default('high')
    .describe('How bad a finding must be to fail the step. What a scanner gives no severity always does.'),
  waivers: z
    .string()
    .optional()
    .describe('File of exceptions (schemas/waivers.json). Empty: there are none.'),
  'denied-licences': lines()
    .prefault('')
    .describe('SPDX ids of licences that no component of the list of scan sbom may have, one a line.'),
});

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .enum(['clean', 'found', 'blind'])
    .describe('found: something counts. blind: a scan could not look, whatever the others found.'),
  report: z.string().describe('Path of the JSON report (schemas/scan-report.json).'),
  sarif: z
    .string()
    .describe('Path of all findings as SARIF 2.1.0, for code scanning; what is waived is suppressed there.'),
  counted: z.string().describe('How many findings count.'),
});

export type Outputs = z.output<typeof outputs>;
