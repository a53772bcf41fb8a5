import { describe, expect, it } from '@jest/globals';
import { classicOf } from '../../../../actions/dora-report/formats/classic.js';
import { csvOf } from '../../../../actions/dora-report/formats/csv.js';
import { openMetricsOf } from '../../../../actions/dora-report/formats/openmetrics.js';
import { commit, deployment, incident, instant, reportOf } from '../ledger-facts.js';

const report = reportOf({
  deployments: [
    deployment(1, '03-01 10:00', 'a'),
    deployment(2, '03-03 10:00', 'b', { version: '=1+1,"x"' }),
    deployment(3, '03-04 10:00', 'c'),
  ],
  commits: [commit('a', '03-01 09:00'), commit('b', '03-03 08:00', ['a']), commit('c', '03-04 06:00', ['b'])],
  incidents: [incident(9, '03-03 11:00', { causedBy: 2, closedAt: instant('03-03 13:00') })],
});
const empty = reportOf({});

describe('the classic shape', () => {
  it('has means, percent and hours with the teams’ own classes', () => {
    expect(classicOf(report).metrics).toEqual({
      deployment_frequency: {
        value: report.total.frequency.perDay,
        unit: 'deployments/day',
        classification: 'Medium',
      },
      lead_time_for_changes: { value: 3, unit: 'hours', classification: 'Elite' },
      change_failure_rate: { value: 50, unit: '%', classification: 'Low' },
      mean_time_to_recovery: { value: 2, unit: 'hours', classification: 'High' },
    });
  });

  it('has no value and no class without data, never 0 % and Elite', () => {
    const { deployment_frequency: frequency, ...rest } = classicOf(empty).metrics;
    expect(frequency).toMatchObject({ value: 0, classification: 'No data' });
    for (const metric of Object.values(rest))
      expect(metric).toMatchObject({ value: null, classification: 'No data' });
  });
});

describe('CSV', () => {
  it('has a line for each deployment of the window, newest first, and no formula', () => {
    const [head, ...lines] = csvOf(report).split('\r\n');
    expect(head).toMatch(/^finished_utc,service,version,/);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^2026-03-04T10:00:00.000Z,shop,1[.]3[.]0,/);
    expect(lines[1]).toMatch(/^2026-03-03T10:00:00.000Z,shop,"'=1[+]1,""x""",/);
    expect(lines[1]).toContain(',failed,true,false,1,2,');
  });
});

describe('OpenMetrics', () => {
  const samples = (text: string) =>
    Object.fromEntries(
      text.split('\n').flatMap((line) => {
        const [, name, labels, value] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
        return name && labels!.includes('service="all"')
          ? [[`${name} ${/stat="(\w+)"/.exec(labels!)?.[1] ?? ''}`.trim(), Number(value)]]
          : [];
      }),
    );

  it('has durations in seconds and shares from 0 to 1', () => {
    expect(samples(openMetricsOf(report))).toMatchObject({
      dora_deployments: 2,
      dora_change_fail_ratio: 0.5,
      dora_failed_deployments: 1,
      'dora_lead_time_seconds p50': 3 * 3_600,
      'dora_time_to_restore_seconds mean': 2 * 3_600,
    });
  });

  it('has no sample where there is no value, and ends as the format asks', () => {
    const text = openMetricsOf(empty);
    expect(samples(text)).not.toHaveProperty('dora_change_fail_ratio');
    expect(text).not.toMatch(/NaN|null|undefined/);
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});
