import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { codesIn } from '../../../shared/contracts/refusal-codes.js';
import { incidentStage, type IncidentStage } from './stage.js';
import { postMortem } from './post-mortem.js';

let at: IncidentStage;
let issue: string;
let number: number;
beforeAll(async () => void (at = await incidentStage()));
afterAll(async () => {
  await at.close();
  expect(at.ledger.server.control.violations()).toEqual([]);
});
let count = 0;
beforeEach(async () => {
  const { first } = await at.step({
    title: `Down ${++count}`,
    severity: 'high',
    service: 'shop',
    environment: 'production',
  });
  number = first.number;
  issue = String(number);
});
const marker = async () => (await at.issue(number)).incident.marker!;
const isOpen = async () => (await at.issue(number)).incident.open;

describe('resolve', () => {
  it('notes since when users are well, how long it took, and asks for the post-mortem', async () => {
    at.later(20 * 60_000);
    const { first, outputs } = await at.step({ mode: 'resolve', issue });
    expect(outputs['result']).toBe('resolved');
    expect(Math.round(first.timeToRestoreMs! / 60_000)).toBe(20);
    expect(await marker()).toMatchObject({ resolvedAt: first.resolvedAt, acknowledged: { by: 'octocat' } });
    expect(await isOpen()).toBe(true);
    expect((await at.comments(number)).join()).toContain('### What changes now');
  });

  it('takes an instant of the past, and none outside the incident', async () => {
    at.later(60 * 60_000);
    const opened = Date.parse((await marker()).openedAt);
    const early = new Date(opened - 60_000).toISOString();
    expect((await at.step({ mode: 'resolve', issue, 'resolved-at': early })).outputs['result']).toBe(
      'refused',
    );
    const { first } = await at.step({
      mode: 'resolve',
      issue,
      'resolved-at': new Date(opened + 600_000).toISOString(),
    });
    expect(first.timeToRestoreMs).toBe(600_000);
  });

  it.each(['eve', 'nobody-here'])('is not for %s, who has no role', async (by) => {
    const { ok, report } = await at.step({ mode: 'resolve', issue }, { by });
    expect(ok).toBe(false);
    expect(codesIn(report.reasons)).toEqual(['triage-not-allowed']);
    expect(await marker()).not.toHaveProperty('resolvedAt');
  });
});

describe('close', () => {
  const closes = () => at.step({ mode: 'close', issue });

  it.each<[string, string | undefined, RegExp]>([
    ['there is none', undefined, /"### Root cause": the heading is not there.*"### Lessons"/],
    ['a heading is missing', postMortem({ Lessons: undefined }), /"### Lessons": the heading is not there/],
    ['a heading is empty', postMortem({ Timeline: '' }), /"### Timeline": it is empty/],
    ['a heading says TODO', postMortem({ Timeline: '- [ ] TODO' }), /"### Timeline": it is empty/],
    [
      "a heading has the template's text",
      postMortem({ 'Root cause': '_What made it possible, not who. The trigger is not the cause._' }),
      /"### Root cause": it is empty, or still as in the template/,
    ],
    [
      'no gate, rule or test changes',
      postMortem({ 'What changes now': 'We will be more careful.' }),
      /"### What changes now": it names no pull request, issue, link or file/,
    ],
    [
      'its text is a hidden comment',
      postMortem({ Lessons: '<!-- written -->' }),
      /"### Lessons": it is empty/,
    ],
  ])('is refused while %s', async (_, text, why) => {
    if (text !== undefined) await at.say('hubot', number, text);
    const { ok, report, message } = await closes();
    expect(ok).toBe(false);
    expect(codesIn(report.reasons)).toEqual(['post-mortem-missing']);
    expect(message).toMatch(why);
    expect(await isOpen()).toBe(true);
  });

  it('takes a whole post-mortem of a member, names it in the record, and lets the same trouble be a new incident', async () => {
    await at.say('mona', number, postMortem());
    const { ok, first } = await closes();
    expect(ok).toBe(true);
    expect(first.postMortem).toMatch(/issuecomment-/);
    expect(await isOpen()).toBe(false);
    expect(await marker()).toMatchObject({ postMortem: first.postMortem, resolvedAt: expect.any(String) });
    const again = await at.step({
      title: `Down ${count}`,
      severity: 'high',
      service: 'shop',
      environment: 'production',
    });
    expect(again.outputs['result']).toBe('opened');
    expect(again.first.number).not.toBe(number);
  });

  it('does not take one of somebody who may not triage', async () => {
    await at.say('eve', number, postMortem());
    const { ok, report } = await closes();
    expect(ok).toBe(false);
    expect(report.notes.join()).toContain('eve does not count');
  });

  it('takes a false alarm from who may lower a severity, with a reason, and from nobody else', async () => {
    const alarm = { mode: 'close', issue, 'false-alarm': 'true', text: 'The probe itself was broken.' };
    expect(codesIn((await at.step(alarm, { by: 'hubot' })).report.reasons)).toEqual(['triage-not-allowed']);
    expect((await at.step({ ...alarm, text: 'no' })).ok).toBe(false);
    expect((await at.step(alarm)).outputs['result']).toBe('closed');
    expect(await isOpen()).toBe(false);
  });

  it('is over then: no mode changes it any more', async () => {
    await at.say('mona', number, postMortem());
    await closes();
    for (const mode of ['close', 'resolve', 'note', 'triage'])
      expect(codesIn((await at.step({ mode, issue, text: 'late words' })).report.reasons)).toEqual([
        'incident-over',
      ]);
  });
});

describe('an incident that a person closes by hand', () => {
  const closing = (by = 'hubot', change: Record<string, unknown> = {}) =>
    at.byHand(by, number, { state: 'closed', ...change }, 'closed');

  it('is opened again without a post-mortem, with the exact headings that lack', async () => {
    const { outputs, report } = await at.step({ mode: 'follow' }, await closing());
    expect(outputs['result']).toBe('reopened');
    expect(report.by).toBe('hubot');
    expect(await isOpen()).toBe(true);
    const told = (await at.comments(number)).at(-1)!;
    for (const heading of ['Root cause', 'Timeline', 'Lessons', 'What changes now'])
      expect(told).toContain(`- \`### ${heading}\`: the heading is not there`);
  });

  it('stays closed with one, which its record then names', async () => {
    await at.say('mona', number, postMortem());
    const { outputs, first } = await at.step({ mode: 'follow' }, await closing());
    expect(outputs['result']).toBe('closed');
    expect(first.postMortem).toMatch(/issuecomment-/);
    expect(await isOpen()).toBe(false);
  });

  it('as not planned is a false alarm, if who closed it may say so', async () => {
    const notPlanned = { state_reason: 'not_planned' };
    expect((await at.step({ mode: 'follow' }, await closing('hubot', notPlanned))).outputs['result']).toBe(
      'reopened',
    );
    expect((await at.step({ mode: 'follow' }, await closing('octocat', notPlanned))).outputs['result']).toBe(
      'closed',
    );
  });

  it('is opened again when its text was edited before, since nobody knows how bad it was', async () => {
    await at.byHand('hubot', number, { body: 'Nothing happened here.' }, 'edited');
    const { outputs } = await at.step({ mode: 'follow' }, await closing());
    expect(outputs['result']).toBe('reopened');
    expect((await at.comments(number)).at(-1)).toContain('its record does not count');
  });

  it('and opens again counts as not resolved', async () => {
    await at.say('mona', number, postMortem());
    await at.step({ mode: 'close', issue });
    const event = await at.byHand('hubot', number, { state: 'open' }, 'reopened');
    expect((await at.step({ mode: 'follow' }, event)).outputs['result']).toBe('reopened');
    expect(await marker()).not.toHaveProperty('resolvedAt');
  });
});
