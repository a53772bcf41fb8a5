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
  const result = decision.is === 'failed' ? 'rolled-back' : 'healthy';
  return failedReport({ result, startedAt: 1_000, ticks, measurements, verdict: decision });
}

const replay = (report: unknown, ...options: string[]) =>
  runCli(['rollback', '--replay', 'report.json', ...options], { 'report.json': JSON.stringify(report) });

describe('rollback --replay', () => {
  it('makes the verdict of a report again, offline, with what it rests on', async () => {
    const failed = await replay(reportOf(20));
    expect([failed.code, failed.err]).toEqual([0, '']);
    expect(failed.out).toMatch(
      /^REPLAY {2}report\.json judged again from what stands in it: .* it proves nothing about a release\nFAILED {2}error-rate: error-rate > 5 % for 10 s: \d+ of \d+ requests failed/,
    );
    expect(failed.out).toMatch(/shop 1\.1\.0 in production, \d looks, 1 criteria\nFailed {8}error-rate: /);
    const healthy = reportOf(0);
    expect((await replay(healthy)).out).toMatch(/\nHEALTHY {2}/);
    const { out } = await replay(healthy, '--json');
    expect(JSON.parse(out)).toMatchObject({
      note: expect.stringContaining('proves nothing'),
      decision: { is: 'healthy' },
    });
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

  it('says that no verdict leads to the result that a report was given, nor a failure of all to those who were taken out', async () => {
    const bad = reportOf(20);
    expect(await replay({ ...bad, result: 'healthy' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('its result is healthy, which no verdict failed leads to'),
    });
    // With whom it likes to name as taken out, the failure would be nobody's.
    const { at } = bad.ticks.at(-1)!;
    const message = 'tenant a (20 of 50 failed)';
    const verdict = { is: 'watching', message: 'well so far' };
    const contained = [{ at, values: ['a'], message }];
    const forged = await replay({ ...bad, result: 'contained', verdict, contained });
    expect(forged).toMatchObject({
      code: 2,
      err: expect.stringContaining('its verdict is watching, and failed comes out'),
    });
  });

  it('has nothing to replay of a person’s word, and reads no other file as a report', async () => {
    const { plan: _, ...now } = failedReport({ mode: 'now', result: 'rolled-back' });
    expect(await replay(now)).toMatchObject({
      code: 2,
      err: expect.stringContaining('mode now judges no release that is watched'),
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
