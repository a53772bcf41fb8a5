import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { codesIn } from '../../../shared/contracts/refusal-codes.js';
import { incidentStage, type IncidentStage } from './stage.js';
import { postMortem } from './post-mortem.js';

let at: IncidentStage;
let number: number;
let issue: string;
let count = 0;
beforeAll(async () => {
  at = await incidentStage();
  at.rules(`version: 1
on-call:
  default: { mention: [acme/on-call], escalate: [acme/leads] }
contain:
  - { name: maintenance, run: [deploy/contain, maintenance], timeout: 30s }
  - { name: broken, run: [deploy/broken] }
  - { name: scale-up, run: [deploy/contain, scale], on-alerts: [HighLoad] }
`);
  const script = `#!/bin/sh
[ "$4" = forgotten ] && { echo "no such tenant" >&2; exit 3; }
echo "$* \${SECRET:-none} \${GITHUB_TOKEN:-none} \${OTHER:-none}"
`;
  at.write('deploy/contain', script, 0o755);
  at.write('deploy/broken', '#!/bin/sh\necho broken >&2\nexit 4\n', 0o755);
});
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
const marker = async () => (await at.issue(number)).incident.marker!;

describe('contain', () => {
  const contain = (given: Record<string, string>, asker: Parameters<IncidentStage['step']>[1] = {}) =>
    at.step({ mode: 'contain', issue, hook: 'maintenance', ...given }, asker);

  it('runs the hook for everybody with service and environment, and with the variables that are named alone', async () => {
    const { outputs, report } = await contain(
      { 'pass-env': 'SECRET' },
      { variables: { SECRET: 'passed', OTHER: 'kept' } },
    );
    expect(outputs['result']).toBe('contained');
    expect(report.contained).toEqual([
      {
        hook: 'maintenance',
        tenant: null,
        ok: true,
        message: 'maintenance shop production passed none none',
      },
    ]);
    expect(await marker()).toMatchObject({ acknowledged: { by: 'octocat' } });
  });

  it('runs it for each tenant of the triage, and is not contained when one of them failed', async () => {
    await at.step({ mode: 'triage', issue, tenants: 'acme, forgotten, globex' });
    const { ok, outputs, report, summary } = await contain({});
    expect(ok).toBe(false);
    expect(outputs['result']).toBe('not-contained');
    expect(report.contained.map(({ tenant, ok: did }) => [tenant, did])).toEqual([
      ['acme', true],
      ['forgotten', false],
      ['globex', true],
    ]);
    expect(codesIn(report.reasons)).toEqual(['hook-failed']);
    expect(summary).toContain('no such tenant');
    expect((await at.comments(number)).at(-1)).toContain('Not contained');
  });

  it.each([
    ['a hook that fails', { hook: 'broken' }, /ended with 4: broken/],
    ['a hook that is not in the file', { hook: 'missing' }, /it has maintenance, broken, scale-up/],
    [
      'the login of another environment',
      { environment: 'staging' },
      /is in production, and this job has the login of staging/,
    ],
  ])('says what is wrong with %s', async (_, given, why) => {
    const { ok, message, report } = await contain(given as Record<string, string>);
    expect(ok).toBe(false);
    expect(codesIn(report.reasons)).toEqual(['hook-failed']);
    expect(message).toMatch(why);
  });

  it('without a person runs only for an alert that the file names for the hook', async () => {
    const dispatch = { by: 'alerts-app[bot]', event: { name: 'repository_dispatch' } };
    const fired = async (alertname: string) => {
      const alert = JSON.stringify({ title: alertname, labels: { alertname, service: 'shop' } });
      return String((await at.step({ mode: 'open', alert }, dispatch)).first.number);
    };
    const high = await fired('HighLoad');
    const ran = await contain({ issue: high, hook: 'scale-up' }, dispatch);
    expect(ran.outputs['result']).toBe('contained');
    // Nobody answered by that.
    expect(ran.first.acknowledged).toBeNull();
    for (const given of [
      { issue: high, hook: 'maintenance' },
      { issue: await fired('Other'), hook: 'scale-up' },
      { issue, hook: 'scale-up' },
    ])
      expect(codesIn((await contain(given, dispatch)).report.reasons)).toEqual(['triage-not-allowed']);
  });
});

describe('sweep', () => {
  const sweep = () => at.step({ mode: 'sweep' }, { by: 'octocat', event: { name: 'schedule' } });
  const about = (report: { incidents: { number: number; change: string }[] }) =>
    report.incidents.filter((one) => one.number === number).map(({ change }) => change);

  it('escalates once what nobody answered in time, and mentions who the file names', async () => {
    expect(about((await sweep()).report)).toEqual([]);
    at.later(61 * 60_000);
    const [one, other] = await Promise.all([sweep(), sweep()]);
    expect([...about(one.report), ...about(other.report)]).toEqual(['escalated']);
    expect(about((await sweep()).report)).toEqual([]);
    const told = (await at.comments(number)).filter((text) => text.includes('Nobody answered in time'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('@acme/leads');
  });

  it('leaves alone what somebody answered', async () => {
    await at.step({ mode: 'note', issue, text: 'Looking.' }, { by: 'mona' });
    at.later(61 * 60_000);
    expect(about((await sweep()).report)).toEqual([]);
  });

  it('reminds once of a post-mortem that is missing, and not of one that is there', async () => {
    expect((await at.step({ mode: 'resolve', issue })).ok).toBe(true);
    at.later(2 * 86_400_000);
    expect(about((await sweep()).report)).toEqual([]);
    at.later(2 * 86_400_000);
    expect(about((await sweep()).report)).toEqual(['reminded']);
    expect(about((await sweep()).report)).toEqual([]);
  });

  it('does not remind of one that is there and only not closed', async () => {
    expect((await at.step({ mode: 'resolve', issue })).ok).toBe(true);
    await at.say('mona', number, postMortem());
    at.later(4 * 86_400_000);
    expect(about((await sweep()).report)).toEqual([]);
  });

  it('gives an open incident its labels again, and leaves one alone that is closed', async () => {
    await at.byHand('mona', number, { labels: ['database'] }, 'unlabeled');
    expect((await sweep()).report.notes).toContain(
      `#${number} had lost its label incident, and has it again.`,
    );
    expect([...(await at.issue(number)).incident.labels].sort()).toEqual(
      ['database', 'incident', 'service:shop', 'severity:high'].sort(),
    );
    expect((await sweep()).report.notes.join()).not.toContain('lost its label');
    await at.byHand('mona', number, { labels: [], state: 'closed' }, 'closed');
    expect((await sweep()).report.notes.join()).not.toContain('lost its label');
  });

  it('names incidents whose record does not count', async () => {
    await at.byHand('hubot', number, { body: 'Nothing.' }, 'edited');
    expect((await sweep()).report.notes.join()).toContain(`#${number} is labelled incident`);
  });
});
