import * as z from 'zod';

const count = z.int().min(0);

/** How bad a finding is, worst first. `unknown`: the scanner does not say; it counts as the worst. */
export const findingSeverities = ['critical', 'high', 'medium', 'low', 'unknown'] as const;
export const findingSeveritySchema = z.enum(findingSeverities);
export type FindingSeverity = z.output<typeof findingSeveritySchema>;

const finding = z.strictObject({
  scan: z.string(),
  id: z.string().describe('What advisories, rules or licences call it.'),
  aliases: z.array(z.string()).describe('Other names of the same.'),
  severity: findingSeveritySchema,
  where: z.string().describe('The package with its version, or the file with its line.'),
  file: z.string().optional(),
  line: count.optional(),
  title: z.string(),
  fix: z.string().optional(),
  standing: z
    .enum(['counts', 'below', 'waived', 'expired'])
    .describe(
      'below: less bad than the bound. waived: until the day of its waiver. expired: that day is over.',
    ),
  waiver: z
    .strictObject({ reason: z.string(), by: z.string(), until: z.iso.date(), line: count.optional() })
    .optional(),
});

const scan = z.strictObject({
  name: z.string(),
  lookedAt: count.describe('How many things it looked at; 0 when it could not look.'),
  unit: z.string(),
  blind: z.array(z.string()).describe('Why it could not look, or not at everything. Empty: it did.'),
  findings: count,
  counted: count.describe('Those that count: at or above the bound, and not waived.'),
});

/** What all scanners of one commit found, and whether each of them looked at all. */
export const scanReportSchema = z.strictObject({
  schema: z.literal('devops-actions/scan-report@1'),
  result: z
    .enum(['clean', 'found', 'blind'])
    .describe('blind: a scan could not look, whatever the others found.'),
  message: z.string(),
  failAt: findingSeveritySchema.exclude(['unknown']),
  scans: z.array(scan),
  findings: z.array(finding).describe('The worst first.'),
  idleWaivers: z
    .array(
      z.strictObject({ finding: z.string(), where: z.string(), until: z.iso.date(), line: count.optional() }),
    )
    .describe('Waivers that no finding needs any more.'),
});

export type Finding = z.output<typeof finding>;
export type Scan = z.output<typeof scan>;
export type ScanReport = z.output<typeof scanReportSchema>;
