import * as z from 'zod';

/** How bad an incident is, worst first. */
export const severitySchema = z.enum(['critical', 'high', 'medium', 'low']);
export type Severity = z.output<typeof severitySchema>;
