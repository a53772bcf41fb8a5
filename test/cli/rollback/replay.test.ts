import { describe, expect, it } from '@jest/globals';
import { advance, decide, startCourse, type Decision } from '../../../shared/analysis/course/course.js';
import type { AnalysisReport, Measurement, Tick } from '../../../shared/contracts/reports/analysis-report.js';
import { failedReport } from '../../actions/auto-rollback/facts.js';
import { runCli } from '../terminal.js';

/** The report of a watch that saw so many of 50 requests fail every 5 s, judged by the code itself. */
function reportOf(failing: number): AnalysisReport {
  const { plan } = failedReport();
  const ticks: Tick[] = [];
  const measurements: Measurement[][] = [];
  let course = startCourse(plan!, 1_000);
  let decision: Decision = { is: 'continue' };
  for (let at = 1_000; decision.is === 'continue'; at += 5_000) {
    const samples = at === 1_000 ? [] : [{ from: at - 5_000, to: at, requests: 50, errors: failing }];
    ticks.push({ at, readings: { app: { is: 'data', samples } } });
    const step = advance(course, ticks.at(-1)!);
    course = step.course;
    measurements.push(step.measurements);
    decision = decide(course, at);
  }
  return failedReport({ startedAt: 1_000, ticks, measurements, verdict: decision });
}

const replay = (report: unknown, ...options: string[]) =>
  runCli(['rollback', '--replay', 'report.json', ...options], { 'report.json': JSON.stringify(report) });

describe('rollback --replay', () => {
  it('makes the verdict of a report again, offline, with what it rests on', async () => {
    const failed = await replay(reportOf(20));
    expect([failed.code, failed.err]).toEqual([0, '']);
    expect(failed.out).toMatch(
      /^FAILED {2}error-rate: error-rate > 5 % for 10 s: \d+ of \d+ requests failed/,
    );
    expect(failed.out).toMatch(/shop 1\.1\.0 in production, \d looks, 1 criteria\nFailed {8}error-rate: /);
    expect((await replay(reportOf(0))).out).toMatch(/^HEALTHY {2}/);
    const { out } = await replay(reportOf(0), '--json');
    expect(JSON.parse(out)).toMatchObject({ decision: { is: 'healthy' } });
  });

  it('says what of a report does not follow from what it saw', async () => {
    const [good, bad] = [reportOf(0), reportOf(20)];
    const forged = await replay({ ...bad, verdict: good.verdict });
    expect(forged).toMatchObject({
      code: 2,
      err: expect.stringContaining('its verdict is healthy, and failed comes out'),
    });
    const [first, ...more] = bad.measurements;
    const edited = await replay({ ...bad, measurements: [...more, first] });
    expect(edited).toMatchObject({ code: 2, err: expect.stringMatching(/measured at look 1 of \d differs/) });
  });

  it('has nothing to replay of a person’s word, and reads no other file as a report', async () => {
    const { plan: _, ...now } = failedReport({ mode: 'now', result: 'rolled-back' });
    expect(await replay(now)).toMatchObject({
      code: 2,
      err: expect.stringContaining('mode now judges nothing'),
    });
    expect(await replay({ schema: 'x' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('report.json is not a report of auto-rollback'),
    });
    expect(await runCli(['rollback'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('Write either --break-glass, or --replay'),
    });
    expect(await replay(now, '--yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('leave out --yes'),
    });
  });
});
