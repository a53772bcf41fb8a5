import { describe, expect, it } from '@jest/globals';
import { isoInstant } from '../../shared/time/instant.js';
import {
  hotfixRequest,
  judge,
  known,
  now,
  policyOf,
  request,
  changesOf,
} from '../actions/gate-check/facts.js';
import { runCli } from './terminal.js';

const waiving = 'blockers: { labels: [blocker], let-hotfix: true }';
const open = (title = 'Checkout is slow') => ({
  blockers: known([
    {
      label: 'blocker',
      exists: true,
      open: [{ number: 12, title, url: 'https://github.example/12', is: 'issue' as const }],
    },
  ]),
  changes: known(changesOf()),
  incidents: known([]),
});

function reportOf(gates: string, evidence: object, asked = request) {
  const decision = judge(gates, evidence, now, asked);
  return {
    schema: 'devops-actions/gate-report@1',
    request: asked,
    now: isoInstant(now),
    policy: policyOf(gates),
    evidence,
    ...decision,
  };
}

const replayed = (report: unknown, ...options: string[]) =>
  runCli(['gate', '--replay', 'report.json', ...options], { 'report.json': JSON.stringify(report) });

describe('devops-actions gate --replay', () => {
  it('makes a pass again, with what was let through, and ends with 0', async () => {
    const { code, out, err } = await replayed(reportOf(waiving, open(), hotfixRequest));
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^PASS {2}shop a{12} may go to production/);
    expect(out).toContain('let through  blockers: the hotfix (pull request #21) is allowed despite');
    expect(out).toContain('by hubot');
  });

  it('makes a failure again, and ends with 1; as JSON, too', async () => {
    const report = reportOf(waiving, open());
    expect(await replayed(report)).toMatchObject({ code: 1, out: expect.stringMatching(/^FAIL/) });
    const { code, out } = await replayed(report, '--json');
    expect([code, JSON.parse(out)]).toMatchObject([1, { result: 'fail', gates: report.gates }]);
  });

  it('says when somebody edited the verdict or the evidence of a report', async () => {
    const failed = reportOf(waiving, open());
    const { verdict, gates, message } = reportOf(waiving, open(), hotfixRequest);
    const forged = { ...failed, result: 'pass', verdict, gates, message };
    const { code, err } = await replayed(forged);
    expect(code).toBe(2);
    expect(err).toContain('does not follow from its own evidence: result, message, gates, verdict');
    expect(await replayed({ ...failed, evidence: {} })).toMatchObject({ code: 2 });
  });

  it('shows no control characters of others', async () => {
    const { out } = await replayed(reportOf(waiving, open('\u001b[2Jgone\r\n::error::x')));
    expect(out).toContain('[2Jgone ::error::x');
    expect(out).not.toMatch(/[\u001b\r]|^::/m);
  });

  it.each([
    ['{', 'cannot be read as JSON'],
    ['{"schema": "devops-actions/gate-report@2"}', 'is not a report of gate-check'],
  ])('refuses %s', async (text, words) => {
    const run = await runCli(['gate', '--replay', 'r.json'], { 'r.json': text });
    expect([run.code, run.err]).toEqual([2, expect.stringContaining(words)]);
  });

  it('asks for the report, and for one that is there', async () => {
    expect((await runCli(['gate'], {})).err).toContain('--replay REPORT.json');
    expect((await runCli(['gate', '--replay', 'no.json'], {})).err).toContain('no.json cannot be read');
  });
});
