import * as z from 'zod';

/** One line of what the doctor found. A note is right as it is, and worth knowing. */
export const doctorLineSchema = z.strictObject({
  what: z.string(),
  is: z
    .enum(['ok', 'note', 'wrong', 'unknown'])
    .describe('unknown: it could not be asked, and is not right.'),
  detail: z.string(),
  fix: z.string().optional(),
});

/** Whether a release could begin where this was asked. */
export const doctorReportSchema = z.strictObject({
  schema: z.literal('devops-actions/doctor-report@1'),
  result: z.enum(['ready', 'not-ready']),
  message: z.string(),
  environment: z.string(),
  service: z.string(),
  lines: z.array(doctorLineSchema),
});

export type DoctorLine = z.output<typeof doctorLineSchema>;
export type DoctorReport = z.output<typeof doctorReportSchema>;
