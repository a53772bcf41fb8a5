import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { incidentStage, type IncidentStage } from './stage.js';

let at: IncidentStage;
beforeAll(async () => void (at = await incidentStage()));
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});

const down = { title: 'Checkout is down', severity: 'critical', service: 'shop', environment: 'production' };
const minute = 60_000;

describe('an incident that a person opens', () => {
  it('is an issue with its severity, its deadline of 15 minutes and what to do first', async () => {
    const { ok, outputs, first, summary } = await at.step({ ...down, text: 'Orders fail with 500.' });
    expect(ok).toBe(true);
    expect(outputs).toMatchObject({ result: 'opened', severity: 'critical', number: String(first.number) });
    expect(Date.parse(first.deadline!) - Date.parse(first.openedAt)).toBe(15 * minute);
    const { incident, node } = await at.issue(first.number);
    expect(incident.labels).toEqual(['incident', 'severity:critical', 'service:shop']);
    expect(incident.marker).toMatchObject({ origin: 'person', deadline: first.deadline });
    expect(node.body).toContain('> Orders fail with 500.');
    expect(node.body).toContain('Roll everything back first');
    expect(summary).toContain('run mode triage');
  });

  it.each([
    ['critical', 15],
    ['high', 60],
    ['medium', 24 * 60],
    ['low', null],
  ])('of severity %s has to be answered within %p minutes', async (severity, minutes) => {
    const { first } = await at.step({ ...down, severity, title: `Trouble ${severity}` });
    expect(first.deadline && Date.parse(first.deadline) - Date.parse(first.openedAt)).toBe(
      minutes && minutes * minute,
    );
  });

  it('is not opened twice: the open one is told more, and raised when it got worse', async () => {
    const once = await at.step({ ...down, title: 'Slow', severity: 'medium' });
    const again = await at.step({ ...down, title: 'Slow', severity: 'high', text: 'Worse now.' });
    expect(again.outputs).toMatchObject({
      result: 'updated',
      number: once.outputs['number'],
      severity: 'high',
    });
    expect((await at.issue(once.first.number)).incident.marker).toMatchObject({
      severity: 'high',
      worst: 'high',
    });
    expect((await at.comments(once.first.number)).join()).toContain('Worse now.');
    const less = await at.step({ ...down, title: 'Slow', severity: 'low' });
    expect(less.outputs['severity']).toBe('high');
  });

  it('is one, however many runs open it at the same moment', async () => {
    const runs = await Promise.all(
      Array.from({ length: 20 }, () => at.step({ ...down, title: 'Everybody calls' })),
    );
    expect(new Set(runs.map(({ outputs }) => outputs['number'])).size).toBe(1);
    expect(runs.filter(({ outputs }) => outputs['result'] === 'opened')).toHaveLength(1);
    expect(runs.flatMap(({ report }) => report.notes)).toEqual(
      runs.map(() => expect.stringContaining('the defaults hold')),
    );
    const { incidents } = await listIncidents(at.ledger.github, { states: ['OPEN', 'CLOSED'] });
    expect(incidents.filter(({ title }) => title === 'Everybody calls')).toHaveLength(1);
  }, 120_000);

  it('is opened without the right to the lock too, and says what that means', async () => {
    const { ok, outputs, report } = await at.step(
      { ...down, title: 'No lock' },
      { permissions: { contents: 'read', issues: 'write' } },
    );
    expect(ok).toBe(true);
    expect(outputs['result']).toBe('opened');
    expect(report.notes.join()).toMatch(/may have opened the same incident.*contents: write/s);
  });
});
