import * as z from 'zod';
import { duration } from '../../config/fields.js';
import { smokeReport as smokeReportSchema, type SmokeReport } from '../../contracts/reports/smoke-report.js';
import type { Reading } from '../../contracts/reports/analysis-report.js';
import { isoInstant, parseInstant } from '../../time/instant.js';
import { defineSource, type MetricSource, type SourcePorts, type Window } from '../source.js';
import { addressField, askJson, headersField, resolveHeaders, withoutQuery } from './ask-json.js';
import { considerate } from './considerate.js';
import { clocksApart, sourceType } from './fields.js';

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
  target: addressField()
    .optional()
    .describe('What it must have tested; the colour or the public entry of the traffic file when not given.'),
  'max-age': duration().prefault('10m').describe('How long ago the test may have begun.'),
});

type Config = z.output<typeof schema>;

/** The newest report, or why there is none that could be judged. */
type Newest = { ok: true; report: SmokeReport } | { ok: false; why: string };

function open(config: Config, ports: SourcePorts): MetricSource {
  const { variable = () => undefined, clock } = ports;
  const http = considerate(ports.http, clock);
  const resolved = resolveHeaders(config.headers, variable);
  /** What a check looks at is over by the time of its first question: all its looks share one answer. */
  let known: { at: number; report: SmokeReport } | undefined;

  async function newest(signal?: AbortSignal): Promise<Newest> {
    if (!resolved.ok) return resolved;
    const { url, timeout: timeoutMs } = config;
    const answer = await askJson(http, { url, headers: resolved.headers, timeoutMs }, signal);
    if (!answer.ok) return answer;
    const where = withoutQuery(url);
    if (answer.status !== 200) return { ok: false, why: `${where} answers ${answer.status} instead of 200` };
    const parsed = smokeReportSchema.safeParse(answer.json);
    if (!parsed.success) return { ok: false, why: `${where} is no report of smoke-test` };
    const doubt = doubtReport(config, parsed.data, ports);
    return doubt === undefined ? { ok: true, report: parsed.data } : { ok: false, why: doubt };
  }

  return {
    async query(window, signal): Promise<Reading> {
      if (!known || window.to > known.at) {
        const at = clock.now();
        const asked = await newest(signal);
        if (!asked.ok) return { is: 'error', message: asked.why };
        known = { at, report: asked.report };
      }
      // A look that is made now knows what another machine's clock puts a little later.
      const apart = Math.max(0, window.to + clocksApart - known.at);
      return judge(config, known.report, ports.liveSince, { ...window, apart });
    },
  };
}

/** Why a report is not one of the judged release in its place; undefined when it is. */
function doubtReport(
  { target }: Config,
  report: SmokeReport,
  { subject, clock }: Pick<SourcePorts, 'subject' | 'clock'>,
): string | undefined {
  if (report.version !== subject.version)
    return `it tested ${report.version ?? 'no named version'}, not ${subject.version}. Fix: give smoke-test the input expect-version`;
  const places = target === undefined ? [subject.entryUrl, subject.colourUrl] : [target];
  const tested = originOf(report.target ?? '');
  // The same version may run in another environment, or be that of another service.
  if (tested === undefined || !places.some((place) => originOf(place) === tested))
    return `it tested ${report.target ?? 'no named address'}, not ${places.join(' or ')}. Fix: give smoke-test that base-url, or name its address as target of this source`;
  const began = parseInstant(report.startedAt) ?? 0;
  if (began > clock.now() + clocksApart)
    return `the test began at ${isoInstant(began)}, which is in the future`;
  return report.result === 'error' ? `the test broke off: ${report.message}` : undefined;
}

const originOf = (address: string) => (URL.canParse(address) ? new URL(address).origin : undefined);

/** A report says what is true from its beginning on, until it is too old. */
function judge(
  config: Config,
  report: SmokeReport,
  liveSince: number | undefined,
  { apart, ...window }: Window & { apart: number },
): Reading {
  const began = parseInstant(report.startedAt) ?? 0;
  const when = `the newest test began at ${isoInstant(began)}`;
  if (liveSince !== undefined && began < liveSince)
    return { is: 'absent', message: `${when}, before this release was live` };
  if (began > window.to + apart) return { is: 'absent', message: `${when}, after this time` };
  if (began < window.to - config['max-age']) return { is: 'stale', message: `${when}, too long ago` };
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
  noPast: () => undefined,
  open,
});
