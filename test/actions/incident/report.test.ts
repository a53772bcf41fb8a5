import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { replay } from '../../../actions/incident/decide/replay.js';
import { smokeReport } from '../notify/reports.js';
import { incidentStage, type IncidentStage, type Stepped } from './stage.js';

let at: IncidentStage;
beforeAll(async () => void (at = await incidentStage()));
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});
const place = { service: 'shop', environment: 'production' };

describe('an incident from a report of the suite', () => {
  const from = (report: unknown, more: Record<string, string> = {}) => {
    const path = at.write('report.json', typeof report === 'string' ? report : JSON.stringify(report));
    return at.step({ mode: 'open', 'from-report': path, ...place, ...more });
  };

  it('of a smoke test that failed is opened once, with its severity', async () => {
    const first = await from(smokeReport('fail'));
    expect(first.outputs).toMatchObject({ result: 'opened', severity: 'medium' });
    expect((await at.issue(first.first.number)).node.title).toContain('Smoke test failed');
    const again = await from(smokeReport('fail'), { severity: 'high' });
    expect(again.outputs).toMatchObject({
      result: 'updated',
      number: first.outputs['number'],
      severity: 'high',
    });
  });

  it('of a success is none', async () => {
    expect((await from(smokeReport('pass'))).outputs).toMatchObject({ result: 'nothing', number: '' });
  });

  it.each([
    ['that is no JSON', 'oops'],
    ['of a schema that nobody knows', { schema: 'devops-actions/unknown@1' }],
  ])('%s is one: no report is never good news', async (_, report) => {
    const { ok, outputs, report: told } = await from(report);
    expect(ok).toBe(true);
    expect(['opened', 'updated']).toContain(outputs['result']);
    expect(outputs['severity']).toBe('high');
    expect(told.notes.join()).toMatch(/not JSON|expected one of/);
  });

  it('that is not there is one too', async () => {
    const { outputs } = await at.step({ mode: 'open', 'from-report': 'nowhere.json', ...place });
    expect(['opened', 'updated']).toContain(outputs['result']);
  });

  it('does not add to an incident that the report names and the suite did not open', async () => {
    const theirs = await at.opened('eve', { title: 'x', labels: ['incident'] });
    const { first } = await from({ ...smokeReport('fail'), incident: { number: theirs } });
    expect(first.number).not.toBe(theirs);
  });
});

describe('a report', () => {
  const isReplayed = ({ report }: Stepped) => {
    expect(report.question).not.toBeNull();
    expect(replay(report.question!)).toEqual(report.question);
  };

  it('has the facts of its decision, which comes out the same without GitHub', async () => {
    const { first } = await at.step({ title: 'Slow', severity: 'high', ...place });
    const issue = String(first.number);
    isReplayed(
      await at.step({ mode: 'triage', issue, severity: 'low', text: 'only the search' }, { by: 'mona' }),
    );
    isReplayed(await at.step({ mode: 'triage', issue, severity: 'critical' }));
    isReplayed(await at.step({ mode: 'close', issue }));
    at.later(2 * 3_600_000);
    isReplayed(await at.step({ mode: 'sweep' }));
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['open without anything', {}, /exactly one of title, alert and from-report/],
    ['open by title without a severity', { title: 'x', ...place }, /severity/],
    ['triage without a number', { mode: 'triage' }, /needs the number of the issue/],
    ['note without a text', { mode: 'note', issue: '1' }, /what is to be noted/],
    ['contain without a hook', { mode: 'contain', issue: '1' }, /name of a hook/],
    [
      'an instant that is none',
      { mode: 'resolve', issue: '1', 'resolved-at': 'yesterday' },
      /an instant such as/,
    ],
    ['follow without an event of an issue', { mode: 'follow' }, /labeled, closed or reopened/],
  ])('does not begin with %s', async (_, given, why) => {
    await expect(at.step(given)).rejects.toThrow(why);
  });
});
