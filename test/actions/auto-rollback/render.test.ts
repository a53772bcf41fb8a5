import { describe, expect, it } from '@jest/globals';
import { toOutcome } from '../../../actions/auto-rollback/outcome.js';
import { incidentOf } from '../../../actions/auto-rollback/incident.js';
import { render } from '../../../actions/auto-rollback/render.js';
import { rateChart } from '../../../actions/auto-rollback/chart.js';
import {
  analysisReportSchema,
  rollbackResultSchema,
} from '../../../shared/contracts/reports/analysis-report.js';
import { failedReport } from './facts.js';

describe('the summary', () => {
  it('does not ask whether the release can be rolled back once it was', () => {
    expect(render(failedReport({ result: 'rolled-back' }))).not.toContain('Can it be');
    expect(render(failedReport({ result: 'healthy' }))).toContain('Can it be');
  });

  it('begins with the verdict and its reason', () => {
    const [head, , reason] = render(failedReport({ result: 'rolled-back' })).split('\n');
    expect(head).toBe('## ⏪ shop 1.1.0 in production was rolled back to 1.0.0');
    expect(reason).toContain('24 of 200 requests failed');
  });

  it('draws the error rate with its threshold', () => {
    const chart = render(failedReport());
    expect(chart).toContain('line [12, 12, 12]');
    expect(chart).toContain('line [5, 5, 5]');
  });

  it('takes nothing of others for markup', () => {
    const hostile = '</summary> <img src=x> | [a](javascript:x) @all closes #1 `\n::error::x';
    const text = render(
      failedReport({
        reason: hostile,
        measurements: [
          [{ criterion: 'error-rate', phase: 'Error', requests: 0, errors: 0, message: hostile }],
        ],
        timeline: [{ at: '2026-01-01T00:00:00.000Z', message: hostile }],
      }),
    );
    expect(text).not.toContain('<img');
    expect(text).not.toMatch(/@all|closes #1|\]\(javascript/);
    expect(text).not.toMatch(/^::error/m);
  });

  it('is whole for every result, and for a report that knows nothing yet', () => {
    for (const result of rollbackResultSchema.options) {
      expect(render(failedReport({ result })).startsWith('## ')).toBe(true);
    }
    const {
      watched: _w,
      previous: _p,
      plan: _plan,
      startedAt: _s,
      ...bare
    } = failedReport({ ticks: [], measurements: [], preflight: [], timeline: [] });
    expect(render(bare)).toContain('this run');
  });
});

describe('the chart', () => {
  it('keeps the worst of the points it drops, so that no peak is hidden', () => {
    const report = failedReport();
    const ticks = Array.from({ length: 1_000 }, (_, i) => ({ at: i * 5_000, readings: {} }));
    const measurements = ticks.map((_, i) => [
      { ...report.measurements[0]![0]!, rate: i === 517 ? 0.99 : 0.01 },
    ]);
    const chart = rateChart(report.plan!.criteria[0]!, 0, ticks, measurements)!;
    expect(chart).toContain('99');
    expect(/line \[(.*)\]/.exec(chart)![1]!.split(',').length).toBeLessThanOrEqual(40);
  });

  it('stands on a numeric axis, so that measurements less than a second apart have their own places', () => {
    const report = failedReport();
    const ticks = [0, 250, 500, 1_500].map((at) => ({ at, readings: {} }));
    const measurements = [0, 0.1, 0.2, 0.3].map((rate) => [{ ...report.measurements[0]![0]!, rate }]);
    const chart = rateChart(report.plan!.criteria[0]!, 0, ticks, measurements)!;
    expect(chart).toContain('x-axis "seconds of the watch" 0 --> 1.5\n');
    expect(chart).toContain('line [0, 20, 20, 30]');
  });

  it('is not drawn where nothing was measured: no data is no zero', () => {
    const report = failedReport();
    const { rate: _, ...unmeasured } = report.measurements[0]![0]!;
    expect(
      rateChart(
        report.plan!.criteria[0]!,
        0,
        report.ticks,
        report.ticks.map(() => [unmeasured]),
      ),
    ).toBeUndefined();
  });
});

describe('the exit', () => {
  it('passes a watch only when healthy and the panic button only when it took back', () => {
    const passing = (mode: 'watch' | 'now') =>
      rollbackResultSchema.options.filter((result) => toOutcome(failedReport({ mode, result })).ok);
    expect(passing('watch')).toEqual(['healthy']);
    expect(passing('now')).toEqual(['rolled-back']);
  });

  it('names the restored version and instant only when it was restored', () => {
    const takeBack = {
      result: 'restored' as const,
      message: '',
      trafficMoved: true,
      restoredAt: 0,
      durationMs: 1,
    };
    expect(
      toOutcome(failedReport({ result: 'rolled-back', takeBack, timeToRestoreMs: 5 })).outputs,
    ).toMatchObject({
      'rolled-back-to': '1.0.0',
      'restored-at': '1970-01-01T00:00:00.000Z',
      'time-to-restore-ms': '5',
    });
    expect(toOutcome(failedReport({ result: 'held', takeBack })).outputs).toMatchObject({
      'rolled-back-to': '',
      'restored-at': '',
    });
  });
});

describe('the incident', () => {
  it('fits into an issue however long the watch was', () => {
    const report = failedReport({
      timeline: Array.from({ length: 5_000 }, () => ({
        at: '2026-01-01T00:00:00.000Z',
        message: 'x'.repeat(100),
      })),
    });
    expect(incidentOf(report, 'high', 0)!.body.length).toBeLessThan(62_000);
  });

  it('is none where nothing was found to be live', () => {
    const { watched: _, ...report } = failedReport();
    expect(incidentOf(report, 'high', 0)).toBeUndefined();
  });
});

describe('the report', () => {
  it('fits its published schema', () => {
    expect(() => analysisReportSchema.parse(failedReport())).not.toThrow();
  });
});

describe('links to logs and traces', () => {
  const links = {
    logs: 'https://logs.example/search?q=version:{{ version }}&from={{ from-ms }}&to={{ to-ms }}',
    'all traces': 'https://traces.example/(shop)/{{ colour }}?since={{ from-iso }}',
  };
  const withLinks = (more: object = {}) => {
    const report = failedReport({ result: 'rolled-back', ...more });
    return { ...report, plan: { ...report.plan!, links } };
  };

  it('stand in summary and incident, with the judged time and a minute on both sides', () => {
    const report = withLinks();
    const from = report.startedAt! - 60_000;
    const to = report.ticks.at(-1)!.at + 60_000;
    const line = `What it wrote then: [logs](https://logs.example/search?q=version:1.1.0&from=${from}&to=${to}) · [all traces](https://traces.example/%28shop%29/green?since=${encodeURIComponent(new Date(from).toISOString())})`;
    expect(render(report)).toContain(line);
    expect(incidentOf(report, 'high', 0)!.body).toContain(line);
  });

  it('say when the watch began where it saw nothing', () => {
    expect(render(withLinks({ ticks: [], measurements: [] }))).toContain('What it wrote then: [logs](');
  });

  it('are not there without links, and a value cannot leave its place', () => {
    expect(render(failedReport())).not.toContain('What it wrote');
    const report = withLinks();
    const hostile = render({
      ...report,
      watched: { ...report.watched!, version: '1.0.0&x=)](https://evil.test)' },
    });
    const line = hostile.split('\n').find((one) => one.startsWith('What it wrote'));
    expect(line).toContain('version:1.0.0%26x%3D%29%5D%28https%3A%2F%2Fevil.test%29&from=');
  });
});
