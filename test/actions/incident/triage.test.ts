import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { codesIn } from '../../../shared/contracts/refusal-codes.js';
import { writeMarker } from '../../../shared/ledger/incidents.js';
import { incidentStage, type IncidentStage } from './stage.js';

let at: IncidentStage;
let number: number;
let issue: string;
let count = 0;
beforeAll(async () => void (at = await incidentStage()));
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});
beforeEach(async () => {
  const { first } = await at.step({
    title: `Trouble ${++count}`,
    severity: 'high',
    service: 'shop',
    environment: 'production',
  });
  number = first.number;
  issue = String(number);
});
const marker = async () => (await at.issue(number)).incident.marker;
const triage = (given: Record<string, string>, by = 'mona') =>
  at.step({ mode: 'triage', issue, ...given }, { by });

describe('triage', () => {
  it('says whom it meets, and answers it', async () => {
    const { first, outputs } = await triage({ tenants: 'acme, globex' });
    expect(outputs['result']).toBe('triaged');
    expect(first).toMatchObject({ scope: ['acme', 'globex'], acknowledged: { by: 'mona' } });
    expect((await at.issue(number)).node.body).toContain('`acme`, `globex`');
    expect((await triage({ tenants: 'all' })).first.scope).toBe('everybody');
  });

  it('raises a severity on the word of anybody who may triage; the deadline is never later for it', async () => {
    const before = Date.parse((await marker())!.deadline!);
    at.later(50 * 60_000);
    const { first } = await triage({ severity: 'critical' });
    expect(first.severity).toBe('critical');
    expect(Date.parse(first.deadline!)).toBeLessThanOrEqual(before);
    expect((await at.issue(number)).incident.labels).toContain('severity:critical');
    expect((await at.issue(number)).incident.labels).not.toContain('severity:high');
  });

  it.each([
    ['mona', 'only the search is slow'],
    ['hubot', 'only the search is slow'],
    ['octocat', ''],
  ])('lowers none on the word of %s with the reason %j', async (by, text) => {
    const { ok, report } = await triage({ severity: 'low', text }, by);
    expect(ok).toBe(false);
    expect(codesIn(report.reasons)).toEqual(['triage-not-allowed']);
    expect(await marker()).toMatchObject({ severity: 'high' });
  });

  it('lowers one with the role and a reason, and remembers the worst that it was', async () => {
    const { first } = await triage({ severity: 'low', text: 'Only the search is slow.' }, 'octocat');
    expect(first).toMatchObject({ severity: 'low', deadline: null });
    expect(await marker()).toMatchObject({ severity: 'low', worst: 'high' });
    expect((await at.comments(number)).at(-1)).toContain('> Only the search is slow.');
  });

  it.each(['eve', 'somebody-unknown', 'github-actions[bot]'])('is not for %s', async (by) => {
    expect(codesIn((await triage({ severity: 'critical' }, by)).report.reasons)).toEqual([
      'triage-not-allowed',
    ]);
  });

  it('of a label by hand raises, and lowers nothing', async () => {
    const label = async (name: string) =>
      at.step(
        { mode: 'follow' },
        await at.byHand('mona', number, { labels: ['incident', 'service:shop', name] }, 'labeled', name),
      );
    expect((await label('severity:low')).outputs['result']).toBe('nothing');
    expect((await at.issue(number)).incident.severity).toBe('high');
    expect((await label('severity:critical')).first.severity).toBe('critical');
  });

  it('moves it to another environment only together with a service: a form always has one', async () => {
    expect((await triage({ environment: 'staging' })).first.environment).toBe('production');
    expect((await triage({ environment: 'staging', service: 'shop' })).first.environment).toBe('staging');
  });

  it('keeps the labels that people gave it', async () => {
    await at.byHand(
      'mona',
      number,
      { labels: ['incident', 'severity:high', 'service:shop', 'database'] },
      'labeled',
    );
    await triage({ service: 'cart' });
    expect([...(await at.issue(number)).incident.labels].sort()).toEqual(
      ['database', 'incident', 'service:cart', 'severity:high'].sort(),
    );
  });
});

describe('an incident whose text a person edited', () => {
  const forged = () =>
    `All is well.\n\n${writeMarker({
      schema: 'devops-actions/incident@1',
      service: 'shop',
      environment: 'production',
      severity: 'low',
      fingerprint: 'x',
      openedAt: '2026-01-01T00:00:00Z',
      resolvedAt: '2026-01-01T00:01:00Z',
    })}`;
  beforeEach(async () => void (await at.byHand('hubot', number, { body: forged() }, 'edited')));

  it.each(['note', 'resolve', 'close'])(
    'is changed by no mode such as %s, which names who did it',
    async (mode) => {
      const { ok, report, message } = await at.step({ mode, issue, text: 'a line' });
      expect(ok).toBe(false);
      expect(codesIn(report.reasons)).toEqual(['incident-not-proved']);
      expect(message).toContain('hubot edited its text');
    },
  );

  it('gets a new record by triage: nothing of the old one is believed, and nothing lowered that way', async () => {
    expect(codesIn((await triage({})).report.reasons)).toEqual(['incident-not-proved']);
    const less = await triage({ service: 'shop', environment: 'production', severity: 'low' });
    expect(codesIn(less.report.reasons)).toEqual(['triage-not-allowed']);
    const asked = { service: 'shop', environment: 'production', severity: 'high' };
    // Labels can be changed as its text was: less than the worst takes the right to lower it.
    expect(codesIn((await triage(asked)).report.reasons)).toEqual(['triage-not-allowed']);
    const { first } = await triage(asked, 'octocat');
    expect(first).toMatchObject({ severity: 'high', resolvedAt: null });
    expect(await marker()).not.toHaveProperty('resolvedAt');
  });
});

describe('an issue of somebody else', () => {
  const report = { title: 'It is slow @acme/all', body: 'closes #1\n<script>', labels: ['incident'] };
  const event = (number: number, by: string, label = 'incident') => ({
    by,
    event: {
      name: 'issues',
      payload: {
        action: 'labeled',
        issue: { number },
        label: { name: label },
        sender: { login: by, type: 'User' },
      },
    },
  });

  it('that a form labelled for an outsider triggers nothing, whatever record stands in it', async () => {
    const body = writeMarker({
      schema: 'devops-actions/incident@1',
      service: 'shop',
      environment: 'production',
      severity: 'critical',
      fingerprint: 'mine',
      openedAt: '2026-01-01T00:00:00Z',
    });
    const own = await at.opened('eve', {
      ...report,
      body,
      labels: ['incident', 'severity:critical', 'service:shop'],
    });
    const { outputs, message } = await at.step({ mode: 'follow' }, event(own, 'eve'));
    expect(outputs['result']).toBe('nothing');
    expect(message).toContain('stays untriaged: eve may not triage');
    expect((await at.issue(own)).incident.marker).toBeUndefined();
    expect(codesIn((await at.step({ mode: 'resolve', issue: String(own) })).report.reasons)).toEqual([
      'incident-not-proved',
    ]);
  });

  it('becomes an incident of the suite by a member, which quotes it and names it', async () => {
    const theirs = await at.opened('eve', report);
    const { outputs, first } = await at.step(
      {
        ...{ mode: 'triage', issue: String(theirs), service: 'shop', environment: 'production' },
        ...{ severity: 'medium', tenants: 'acme' },
      },
      { by: 'mona' },
    );
    expect(outputs['result']).toBe('opened');
    expect(first.number).not.toBe(theirs);
    const { incident, node } = await at.issue(first.number);
    expect(incident.marker).toMatchObject({ reportedIn: theirs, scope: ['acme'], origin: 'person' });
    expect(node.body).not.toMatch(/<script>|closes #1/);
    expect((await at.issue(theirs)).incident.labels).toEqual(['incident-report']);
    expect((await at.comments(theirs)).at(-1)).toContain(`This is incident #${first.number} now`);
  });

  it('becomes one by the labels of a member too, once both are there', async () => {
    const theirs = await at.opened('eve', report);
    const label = async (labels: string[]) =>
      at.step({ mode: 'follow' }, await at.byHand('mona', theirs, { labels }, 'labeled', labels.at(-1)));
    expect((await label(['incident', 'severity:high'])).message).toContain('stays untriaged until');
    expect((await label(['incident', 'severity:high', 'service:shop'])).outputs['result']).toBe('opened');
  });
});
