import * as z from 'zod';
import { globMatcher, globProblem } from '../../shared/config/glob.js';
import type { Finding } from '../../shared/contracts/reports/scan-report.js';
import { parseInstant } from '../../shared/time/instant.js';
import type { Found } from './scanners/scanner.js';

const oneLine = z.string().min(1).max(500);

const waiver = z.strictObject({
  finding: oneLine.describe('The id of the finding, or another name of it, such as CVE-2026-1234 or B602.'),
  where: z
    .string()
    .min(1)
    .superRefine((pattern, context) => {
      const problem = globProblem(pattern);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, input: pattern });
    })
    .describe('The package or the file; * stands for anything but a slash, ** for anything.'),
  reason: oneLine.describe('Why it may stay, for whoever reads this when it ends.'),
  by: oneLine.describe('Who decided that.'),
  until: z.iso
    .date('a day such as 2026-12-31')
    .describe('The last day on which it holds, in UTC; at most a year ahead.'),
});

/** The file of exceptions: each with a reason, a name and an end. */
export const waiversSchema = z.strictObject({
  version: z.literal(1).describe('Version of this form.'),
  waivers: z.array(waiver).describe('Findings that may stay, each until its day.'),
});

export type Waiver = z.output<typeof waiver>;

/** Days that a waiver may last: what ends later was never meant to end. */
export const mostDays = 366;
const day = 86_400_000;

/** The schema lets only days through. */
const startOf = (date: string) => parseInstant(`${date}T00:00:00Z`)!;

/** Whether the day of a waiver is over. */
export const hasExpired = ({ until }: Waiver, now: number): boolean => now >= startOf(until) + day;

/** Whether its end is further ahead than a waiver may last. */
export const endsTooLate = ({ until }: Waiver, now: number): boolean => startOf(until) > now + mostDays * day;

/** Whether a waiver names a finding and its place. */
export function waives({ finding, where }: Waiver, found: Found): boolean {
  const names = [found.id, ...(found.aliases ?? [])];
  if (!names.includes(finding)) return false;
  const { package: of, file } = found;
  const places = [
    ...(of ? [of.name, `${of.name}@${of.version}`] : []),
    ...(file === undefined ? [] : [file]),
  ];
  return places.some(globMatcher(where));
}

/** What a finding without a waiver, or with this one, means for the verdict. */
export function standingOf(isBelow: boolean, waiver: Waiver | undefined, now: number): Finding['standing'] {
  if (isBelow) return 'below';
  if (!waiver) return 'counts';
  return hasExpired(waiver, now) ? 'expired' : 'waived';
}
