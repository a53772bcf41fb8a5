import * as z from 'zod';
import { duration } from '../../../config/fields.js';
import type { Reading } from '../../../contracts/reports/analysis-report.js';
import { withJsonForm, hasNoTwoOf, hasSomeOf } from '../../../schema/json-form.js';
import { defineSource, units, type Gives, type MetricSource, type SourcePorts } from '../../source.js';
import { addressField, headersField, resolveHeaders } from '../ask-json.js';
import { considerate } from '../considerate.js';
import { baselineField, baselineOf } from '../baseline.js';
import { countRequests } from './count-requests.js';
import { sourceType, templateField } from '../fields.js';
import { readNumbers, type NumberQuery } from './prom-numbers.js';
import { promString, type PromPlace } from './prometheus-api.js';
import { matchField, requestsField } from '../request-fields.js';
import { stackNames, stacks, type StackName, type Stack } from './stacks.js';

const ways = ['requests', 'stack', 'query'] as const;

/** Prometheus' own API, or one that answers like it (Thanos, Mimir, VictoriaMetrics). */
const schema = z
  .strictObject({
    type: sourceType('prometheus'),
    url: addressField().describe('Address of Prometheus, without /api/v1.'),
    headers: headersField(),
    timeout: duration().prefault('10s').describe('Longest wait for an answer.'),
    'max-age': duration()
      .prefault('2m')
      .describe('How old the newest sample may be: twice the scrape interval at least.'),
    requests: requestsField().optional(),
    stack: z
      .strictObject({
        name: z.enum(stackNames).describe('The server or library whose metrics are known by name.'),
        match: matchField(),
        latency: z
          .string()
          .regex(/^p(\d{1,2}(\.\d{1,3})?)$/, 'a quantile such as p95 or p99.9')
          .optional()
          .describe('This quantile of its latency, such as p95, instead of requests and errors.'),
        range: duration().prefault('2m').describe('Over which time the quantile is taken.'),
      })
      .optional()
      .describe('Requests and errors, or the latency, of a common server or library.'),
    query: templateField()
      .optional()
      .describe('A PromQL expression of one number, with {{ version }} and the like.'),
    unit: z.enum(units).default('number').describe('The unit of the number of query.'),
    step: duration()
      .prefault('15s')
      .describe('Between two points of a number: no shorter than the scrape interval.'),
    heartbeat: templateField()
      .optional()
      .describe(
        'A selector of series, such as up{job="shop"}, whose newest sample must be younger than max-age.',
      ),
    baseline: baselineField(),
  })
  .refine(
    withJsonForm(
      (source: Partial<Record<(typeof ways)[number], unknown>>) =>
        ways.filter((way) => source[way] !== undefined).length === 1,
      () => [hasSomeOf(ways), ...hasNoTwoOf(ways)],
    ),
    'exactly one of requests (counters), stack (a known server) or query (a number)',
  )
  .refine(({ stack }) => !stack?.latency || 'durations' in stacks[stack.name], {
    path: ['stack', 'latency'],
    error: 'nothing: this one measures no durations',
  });

type Config = z.output<typeof schema>;

function gives({ query, stack, unit, baseline }: Config): Gives {
  if (query !== undefined) return { is: 'numbers', by: true, unit, baseline: baseline !== undefined };
  if (stack?.latency !== undefined)
    return { is: 'numbers', by: true, unit: durationsOf(stack.name).unit, baseline: baseline !== undefined };
  return { is: 'counts', by: true };
}

const durationsOf = (name: StackName) => (stacks[name] as Stack).durations!;

function open(config: Config, ports: SourcePorts): MetricSource {
  const { variable = () => undefined, subject, by = [] } = ports;
  const resolved = resolveHeaders(config.headers, variable);
  if (!resolved.ok) return failing(resolved.why);
  const http = considerate(ports.http, ports.clock);
  const place: PromPlace = { http, url: config.url, headers: resolved.headers, timeoutMs: config.timeout };
  const number = numberOf(config, by);
  if (!number) {
    const { metric, match, errors, except } = config.requests ?? requestsOf(config.stack!);
    return countRequests(place, { metric, match, errors, except, by, subject, maxAgeMs: config['max-age'] });
  }
  const { baseline } = config;
  return readNumbers(place, number, {
    subject,
    maxAgeMs: config['max-age'],
    ...(baseline === undefined ? {} : { baseline: baselineOf(baseline, ports) }),
  });
}

/** What a source says that cannot be asked. */
const failing = (message: string): MetricSource => ({
  query: () => Promise.resolve<Reading>({ is: 'error', message }),
});

function requestsOf({ name, match }: NonNullable<Config['stack']>): Omit<
  NonNullable<Config['requests']>,
  'except'
> & {
  except?: undefined;
} {
  const { metric, label, matches } = stacks[name].requests;
  return { metric, match, errors: { label, matches } };
}

/** The expression of a number; undefined where requests are counted. */
function numberOf(config: Config, by: readonly string[]): NumberQuery | undefined {
  const { query, stack, unit, step, heartbeat, baseline } = config;
  const common = {
    by,
    stepMs: step,
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(baseline?.query === undefined ? {} : { baselineQuery: baseline.query }),
  };
  if (query !== undefined) return { ...common, query, unit };
  if (stack?.latency === undefined) return undefined;
  const { bucket, unit: of } = durationsOf(stack.name);
  const labels = Object.entries(stack.match).map(([label, value]) => `${label}=${promString(value)}`);
  const rate = (...more: string[]) =>
    `rate(${bucket}{${[...labels, ...more].join(',')}}[${Math.round(stack.range / 1_000)}s])`;
  const each = by.length > 0 ? ` by (${by.join(', ')})` : '';
  const quantile = Number((Number(stack.latency.slice(1)) / 100).toFixed(6));
  return {
    ...common,
    query: `histogram_quantile(${quantile}, sum by (${['le', ...by].join(', ')}) (${rate()}))`,
    // PromQL answers with the largest bound there is where the quantile lies beyond it.
    atLeast: {
      query: `max${each} (sum by (${['le', ...by].join(', ')}) (${rate('le!="+Inf"')})) < bool ${quantile} * sum${each} (${rate('le="+Inf"')})`,
      message: `${stack.latency} lies beyond the largest bucket of ${bucket}, so it is known to be that or more. Fix: give the histogram a bucket above the bound of the criterion`,
    },
    unit: of,
  };
}

export const prometheus = defineSource({ schema, gives, noPast: () => undefined, open });
