import * as z from 'zod';
import type { Reading } from '../../contracts/reports/analysis-report.js';
import { duration } from '../../config/fields.js';
import { parseHttpDate } from '../../time/instant.js';
import { labelPattern } from '../label-pattern.js';
import { fillIn, fillInAddress } from '../placeholders.js';
import { defineSource, type MetricSource, type SourcePorts } from '../source.js';
import { clocksApart, pathField, sourceType } from './fields.js';
import { requestsField } from './request-fields.js';
import { createdName, selectCounters, type Scrape, type Selection } from './counters.js';
import { follow, newChain } from './scrape-chain.js';
import { formOf, parseExposition } from '../../text/exposition.js';

/** A page in Prometheus' text format that the colour itself serves. */
const schema = z.strictObject({
  type: sourceType('prometheus-text'),
  path: pathField().prefault('/metrics').describe('The page of metrics on the colour itself.'),
  timeout: duration().prefault('3s').describe('Longest wait for the page.'),
  'max-age': duration().prefault('1m').describe('How old, by its own timestamp, a series may be.'),
  requests: requestsField(),
});

type Config = z.output<typeof schema>;

/** Pages longer than this (bytes) are refused. */
const maxBodyBytes = 4_194_304;

const startMetric = 'process_start_time_seconds';

/** When an answer was written, by its `Date` (RFC 9110 §6.6.1); a clock that is far from ours is no help. */
function theirClock(date: string | undefined, at: number): number | undefined {
  const theirs = date === undefined ? undefined : parseHttpDate(date);
  return theirs !== undefined && Math.abs(theirs - at) <= 2 * clocksApart ? theirs : undefined;
}

/**
 * Scrapes the colour at every query and gives what was counted since the last good scrape; the first one is only the
 * baseline.
 */
function open(config: Config, { http, clock, subject, by = [] }: SourcePorts): MetricSource {
  const url = fillInAddress(config.path, subject, subject.colourUrl);
  const { metric, match, errors, except } = config.requests;
  const selection: Selection = {
    metric,
    match: Object.fromEntries(Object.entries(match).map(([label, text]) => [label, fillIn(text, subject)])),
    errorLabel: errors.label,
    version: subject.version,
    colour: subject.colour,
    by,
    isError: labelPattern(errors.matches)!,
    ...(except ? { except: { label: except.label, matches: labelPattern(except.matches)! } } : {}),
  };
  let chain = newChain;

  return {
    async query(_window, signal): Promise<Reading> {
      const result = await http.send({
        url,
        headers: { accept: 'text/plain; version=0.0.4' },
        timeoutMs: config.timeout,
        maxBodyBytes,
        ...(signal ? { signal } : {}),
      });
      const at = clock.now();
      if (!result.ok) return { is: 'error', message: result.fault.message };
      if (result.response.status !== 200) {
        return { is: 'error', message: `${url} answers ${result.response.status} instead of 200` };
      }
      const form = formOf(result.response.headers['content-type']?.[0]);
      const page = parseExposition(
        new TextDecoder().decode(result.response.body),
        new Set([metric, startMetric, createdName(metric)]),
        form,
      );
      if (!page.ok)
        return {
          is: 'error',
          message: `${url} is not ${form === 'text' ? "Prometheus' text format" : 'OpenMetrics'}, ${page.why}`,
        };
      const start = page.series.find(({ name }) => name === startMetric)?.value;
      // Such a start would make every look one of a new process, and count its whole life again.
      if (start !== undefined && !(start > 0 && start * 1_000 <= at + clocksApart))
        return {
          is: 'error',
          message: `${url}: ${startMetric} is ${start}, when no process can have started`,
        };
      const selected = selectCounters(page, selection, at, config['max-age']);
      if (selected.is === 'stale' || selected.is === 'error')
        return { is: selected.is, message: `${url}: ${selected.message}` };

      const scrape: Scrape = {
        at,
        theirs: theirClock(result.response.headers['date']?.[0], at),
        processStart: start,
        counters: selected.is === 'selected' ? selected.counters : new Map(),
      };
      if (selected.is === 'absent' && chain.confused === undefined) {
        // The counters of the last look are kept: what they counted before must not be counted again when they are
        // back. A page that has none yet is no counter at 0, but no later process hides behind it either.
        chain = { ...chain, last: chain.last?.counters.size ? chain.last : scrape };
        return { is: 'absent', message: `${url}: ${selected.message}` };
      }
      const followed = follow(chain, scrape, by);
      chain = followed.chain;
      const { reading } = followed;
      return reading.is === 'error' ? { ...reading, message: `${url}: ${reading.message}` } : reading;
    },
  };
}

export const prometheusText = defineSource({
  schema,
  gives: () => ({ is: 'counts', by: true }),
  noPast: () => 'a page of metrics says what the counters are now, not what they were',
  open,
});
