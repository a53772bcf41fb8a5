import * as z from 'zod';
import { duration } from '../../config/fields.js';
import { smokeReport as smokeReportSchema, type SmokeReport } from '../../contracts/reports/smoke-report.js';
import type { Reading } from '../../contracts/reports/analysis-report.js';
import { isoInstant, parseInstant } from '../../time/instant.js';
import { defineSource, type MetricSource, type SourcePorts, type Window } from '../source.js';
import { addressField, askJson, headersField, resolveHeaders, withoutQuery } from './ask-json.js';
import { sourceType } from './fields.js';

/** The newest report of smoke-test, where whoever runs the suite again and again puts it. */
const schema = z.strictObject({
  type: sourceType('smoke-report'),
  url: addressField().describe('Where the newest report is.'),
  headers: headersField(),
  timeout: duration().prefault('10s').describe('Longest wait for the answer.'),
  counts: z
    .enum(['failures', 'violations'])
    .default('failures')
    .describe('Failed steps and limits, or what tenants saw of each other.'),
  'max-age': duration().prefault('10m').describe('How long ago the test may have begun.'),
});

type Config = z.output<typeof schema>;

function open(config: Config, { http, subject, variable = () => undefined }: SourcePorts): MetricSource {
  const resolved = resolveHeaders(config.headers, variable);
  return {
    async query(window, signal): Promise<Reading> {
      if (!resolved.ok) return { is: 'error', message: resolved.why };
      const { url, timeout: timeoutMs } = config;
      const answer = await askJson(http, { url, headers: resolved.headers, timeoutMs }, signal);
      if (!answer.ok) return { is: 'error', message: answer.why };
      const where = withoutQuery(url);
      if (answer.status !== 200)
        return { is: 'error', message: `${where} answers ${answer.status} instead of 200` };
      const parsed = smokeReportSchema.safeParse(answer.json);
      return parsed.success
        ? judge(config, parsed.data, subject.version, window)
        : { is: 'error', message: `${where} is no report of smoke-test` };
    },
  };
}

/** So much may two clocks lie apart, in milliseconds. */
const apart = 300_000;

function judge(config: Config, report: SmokeReport, version: string, window: Window): Reading {
  if (report.version !== version)
    return { is: 'error', message: `it tested ${report.version ?? 'no named version'}, not ${version}` };
  const began = parseInstant(report.startedAt) ?? 0;
  if (began < window.to - config['max-age'])
    return { is: 'stale', message: `the test began at ${isoInstant(began)}, which is too long ago` };
  if (began > window.to + apart)
    return { is: 'error', message: `the test began at ${isoInstant(began)}, which is in the future` };
  if (report.result === 'error') return { is: 'error', message: `the test broke off: ${report.message}` };
  const value = config.counts === 'failures' ? failuresOf(report) : violationsOf(report);
  return value === undefined
    ? { is: 'absent', message: 'whether tenants are kept apart was not shown' }
    : { is: 'data', samples: [], values: [{ ...window, value }], message: report.message };
}

/** A suite can fail by a limit with every step passed. */
const failuresOf = ({ result, failed, budgets }: SmokeReport): number =>
  Math.max(result === 'fail' ? 1 : 0, failed + budgets.filter(({ held }) => !held).length);

/** What is not proved is no zero. */
function violationsOf({ isolation }: SmokeReport): number | undefined {
  const broken = isolation?.checks.filter(({ result }) => result === 'broken').length ?? 0;
  return broken > 0 || isolation?.result === 'held' ? broken : undefined;
}

export const smokeReport = defineSource({
  schema,
  gives: () => ({ is: 'numbers', by: false, unit: 'number', baseline: false }),
  noPast: () => 'the newest report says nothing of those before it',
  open,
});
