import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { codesIn } from '../../../shared/contracts/refusal-codes.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { incidentStage, type IncidentStage } from './stage.js';

let at: IncidentStage;
beforeAll(async () => void (at = await incidentStage()));
afterEach(() => at.ledger.server.control.clearFaults());
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});

const down = { severity: 'critical', service: 'shop', environment: 'production' };
const dispatch = { event: { name: 'repository_dispatch' } };
const alerts = (list: object[], more: object = {}) =>
  at.step(
    { mode: 'open', alert: JSON.stringify({ version: '4', status: 'firing', alerts: list, ...more }) },
    dispatch,
  );
const firing = (alertname: string, more: Record<string, string> = {}, status = 'firing') => ({
  status,
  labels: { alertname, service: 'shop', environment: 'production', ...more },
  annotations: {},
});

describe('a text that grows by being escaped', () => {
  it.each([
    ['signs', '&'.repeat(20_000)],
    ['empty lines', '\n'.repeat(20_000)],
    ['links', 'http://a '.repeat(2_200)],
  ])('of %s opens the incident, cut to what GitHub takes, and adds to it', async (name, text) => {
    const given = { ...down, title: `Much ${name}`, text };
    const { outputs } = await at.step(given);
    expect(outputs['result']).toBe('opened');
    expect((await at.issue(Number(outputs['number']))).incident.marker).toBeDefined();
    expect((await at.step(given)).outputs).toMatchObject({ result: 'updated', number: outputs['number'] });
  });

  it('of alerts with long labels does the same', async () => {
    const long = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`label${n}`, '|'.repeat(150)]));
    const list = Array.from({ length: 20 }, (_, n) => firing('Long', { ...long, instance: String(n) }));
    const { outputs } = await alerts(list);
    expect(outputs['result']).toBe('opened');
    const { node } = await at.issue(Number(outputs['number']));
    expect(node.body).toMatch(/\d+ more alerts are not shown/);
  });

  it('keeps its record through a triage for fifty tenants', async () => {
    const { outputs } = await at.step({ ...down, title: 'Tenants', text: '&'.repeat(20_000) });
    const issue = outputs['number']!;
    const names = Array.from({ length: 50 }, (_, n) => `t${n}${'-'.repeat(90)}`);
    expect((await at.step({ mode: 'triage', issue, tenants: names.join('\n') })).ok).toBe(true);
    expect((await at.issue(Number(issue))).incident.marker?.scope).toHaveLength(50);
  });

  it.each([
    ['more tenants than a record holds', Array.from({ length: 51 }, (_, n) => `t${n}`).join('\n')],
    ['a name longer than a record holds', 'x'.repeat(101)],
    ['an option of a command', '-rf'],
    ['a control character', 'a\u0007b'],
  ])('is refused as tenants: %s', async (_, tenants) => {
    await expect(at.step({ mode: 'triage', issue: '1', tenants })).rejects.toThrow(/tenant/);
  });
});

describe('many alerts in one body', () => {
  it('are all read, and what fires is opened before what is over', async () => {
    const over = Array.from({ length: 230 }, (_, n) =>
      firing(`Over ${n}`, { severity: 'critical' }, 'resolved'),
    );
    const { report } = await alerts([...over, firing('Fires', { severity: 'low' })]);
    expect(report.incidents.map(({ title, change }) => [title, change])).toContainEqual([
      'Fires: shop in production',
      'opened',
    ]);
  });

  it('are opened though GitHub refuses one of them, which is told and fails the step', async () => {
    at.ledger.server.control.addFault({ method: 'POST', path: '/issues$', status: 403, message: 'No.' });
    const { ok, message, report } = await alerts([firing('One'), firing('Two'), firing('Three')]);
    expect(ok).toBe(false);
    expect(report.incidents).toHaveLength(2);
    expect(message).toMatch(/1 of 3 troubles of this body could not be told/);
    const again = await alerts([firing('One'), firing('Two'), firing('Three')]);
    expect(again.ok).toBe(true);
    expect(again.report.incidents.map(({ change }) => change).sort()).toEqual([
      'opened',
      'updated',
      'updated',
    ]);
  });

  it.each([true, false])('are opened once where an answer was lost (work done: %s)', async (after) => {
    const name = `Lost ${after}`;
    at.ledger.server.control.addFault({ method: 'POST', path: '/issues$', status: 502, after });
    const { outputs } = await alerts([firing(name)]);
    expect(outputs['result']).toBe('opened');
    const { incidents } = await listIncidents(at.ledger.github, { states: ['OPEN'] });
    expect(incidents.filter(({ marker }) => marker?.alert === name)).toHaveLength(1);
  });

  it('resolve nothing while the sender left some out', async () => {
    at.rules('version: 1\nalerts: { on-resolved: resolve }\n');
    await alerts([firing('Partly')]);
    const { report } = await alerts([firing('Partly', {}, 'resolved')], { truncatedAlerts: 3 });
    expect(report.incidents[0]).toMatchObject({ change: 'noted', resolvedAt: null });
    expect((await alerts([firing('Partly', {}, 'resolved')])).report.incidents[0]).toMatchObject({
      change: 'resolved',
    });
  });
});

describe('a severity', () => {
  const opened = async (title: string, severity = 'low') =>
    (await at.step({ ...down, title, severity })).outputs['number']!;
  const severity = async (issue: string) => (await at.issue(Number(issue))).incident.severity;

  it('that a label raised, whose event nobody followed, is not lowered by the next note or triage', async () => {
    const issue = await opened('Label');
    await at.byHand(
      'mona',
      Number(issue),
      { labels: ['incident', 'severity:critical', 'service:shop'] },
      'labeled',
    );
    await at.step({ mode: 'note', issue, text: 'Looking.' }, { by: 'mona' });
    expect(await severity(issue)).toBe('critical');
    const less = await at.step({ mode: 'triage', issue, severity: 'medium' }, { by: 'mona' });
    expect(codesIn(less.report.reasons)).toEqual(['triage-not-allowed']);
    expect(await severity(issue)).toBe('critical');
  });

  it('is not lowered by editing the text and changing the label', async () => {
    const issue = await opened('Edited', 'critical');
    await at.byHand('hubot', Number(issue), { body: 'Nothing.' }, 'edited');
    const labels = ['incident', 'severity:low', 'service:shop'];
    const event = await at.byHand('hubot', Number(issue), { labels }, 'labeled', 'severity:low');
    expect(codesIn((await at.step({ mode: 'follow' }, event)).report.reasons)).toEqual([
      'triage-not-allowed',
    ]);
    const given = { mode: 'triage', issue, service: 'shop', environment: 'production', severity: 'critical' };
    expect((await at.step(given, { by: 'hubot' })).first.severity).toBe('critical');
  });

  it('of a label of a member whose role cannot be read fails the step', async () => {
    const issue = await opened('Unread');
    const labels = ['incident', 'severity:high', 'service:shop'];
    const event = await at.byHand('mona', Number(issue), { labels }, 'labeled', 'severity:high');
    at.ledger.server.control.addFault({ path: '/permission$', status: 403, times: 5 });
    const { ok, message } = await at.step({ mode: 'follow' }, event);
    expect(message).toContain('the role of mona could not be read');
    expect(ok).toBe(false);
  });
});

describe('the sweep', () => {
  const sweep = () => at.step({ mode: 'sweep' }, { event: { name: 'schedule' } });
  const opened = async (title: string) => Number((await at.step({ ...down, title })).outputs['number']);

  it('opens again what lost its label and was closed by hand, which no event tells', async () => {
    const number = await opened('Hidden');
    await at.byHand('mona', number, { labels: [], state: 'closed' }, 'closed');
    await sweep();
    expect((await at.issue(number)).incident.open).toBe(false);
    at.later(11 * 60_000);
    const { report } = await sweep();
    expect(report.notes.join()).toContain(`#${number} was opened again`);
    const { incident } = await at.issue(number);
    expect(incident).toMatchObject({ open: true, severity: 'critical' });
    expect(incident.labels).toContain('incident');
  });

  it('opens again one whose text was edited before, and leaves a false alarm closed', async () => {
    const number = await opened('Wiped');
    await at.byHand('hubot', number, { body: 'Nothing.' }, 'edited');
    await at.byHand('hubot', number, { labels: [], state: 'closed' }, 'closed');
    const alarm = await opened('Alarm');
    await at.step({
      mode: 'close',
      issue: String(alarm),
      'false-alarm': 'true',
      text: 'The probe was broken.',
    });
    await at.step({ mode: 'note', issue: String(alarm), text: 'late' });
    at.later(11 * 60_000);
    await sweep();
    expect((await at.issue(number)).incident.open).toBe(true);
    expect((await at.issue(alarm)).incident.open).toBe(false);
  });

  it('tells people before it notes that it did, and goes on after one that fails', async () => {
    const [first, second] = [await opened('Late 1'), await opened('Late 2')];
    at.later(16 * 60_000);
    at.ledger.server.control.addFault({ method: 'POST', path: `/issues/${first}/comments$`, status: 502 });
    const { ok, message, report } = await sweep();
    expect(ok).toBe(false);
    expect(message).toContain(`#${first}`);
    const escalated = ({ incidents }: typeof report) =>
      incidents.filter(({ change }) => change === 'escalated').map(({ number }) => number);
    expect(escalated(report)).toContain(second);
    expect(escalated((await sweep()).report)).toEqual([first]);
  });
});
