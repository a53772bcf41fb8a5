import * as z from 'zod';
import { textsInArchive } from '../../../shared/contracts/archive.js';
import { doraReportSchema, type Measures } from '../../../shared/contracts/reports/dora-report.js';
import { instantSchema } from '../../../shared/contracts/formats.js';

/** Figures of a DORA report that a policy may bound, named as the outputs of dora-report are. */
const figureOf = {
  'change-fail-rate': ({ changeFailRate }: Measures) => changeFailRate.value,
  'rework-rate': ({ reworkRate }: Measures) => reworkRate.value,
  'deployments-per-day': ({ frequency }: Measures) => frequency.perDay,
  'change-lead-time-p50-hours': ({ leadTime }: Measures) => leadTime.p50,
  'recovery-time-p50-hours': ({ recovery }: Measures) => recovery.p50,
  'time-to-restore-p50-hours': ({ timeToRestore }: Measures) => timeToRestore.p50,
};

export type DoraFigure = keyof typeof figureOf;
export const doraFigures = Object.keys(figureOf) as [DoraFigure, ...DoraFigure[]];

/** What a report measured, without the facts behind it. */
export const doraReadSchema = z.discriminatedUnion('is', [
  z.strictObject({
    is: z.literal('read'),
    environment: z.string(),
    /** The window that was measured, half-open. */
    from: instantSchema,
    to: instantSchema,
    services: z.array(
      z.strictObject({ service: z.string(), figures: z.record(z.string(), z.number().nullable()) }),
    ),
  }),
  z.strictObject({ is: z.literal('unreadable'), reason: z.string() }),
]);

export type DoraRead = z.output<typeof doraReadSchema>;

/** The figures of the one report in an archive. */
export function readDoraReport(zip: Uint8Array): DoraRead {
  const unreadable = (reason: string): DoraRead => ({ is: 'unreadable', reason });
  const texts = textsInArchive(zip, '.json');
  if (texts === undefined) return unreadable('it is no ZIP archive, or larger than is read');
  const reports = texts.filter(({ text }) => text.includes('devops-actions/dora-report@1'));
  if (reports.length !== 1)
    return unreadable(`it holds ${reports.length} reports of dora-report (JSON) instead of one`);
  const parsed = doraReportSchema.safeParse(jsonOf(reports[0]!.text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unreadable(
      `${reports[0]!.name} is no report of dora-report: ${issue!.path.join('.')}: ${issue!.message}`,
    );
  }
  const { question, services } = parsed.data;
  return {
    is: 'read',
    environment: question.environment,
    from: question.from,
    to: question.to,
    services: services.map((measures) => ({
      service: measures.service,
      figures: Object.fromEntries(doraFigures.map((name) => [name, figureOf[name](measures)])),
    })),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
