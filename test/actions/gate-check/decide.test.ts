import { describe, expect, it } from '@jest/globals';
import { checkVerdict } from '../../../shared/contracts/verdict.js';
import { gateReportSchema, type GateReport } from '../../../actions/gate-check/report.js';
import type { GateEvidence } from '../../../actions/gate-check/evidence/registry.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { render } from '../../../actions/gate-check/render.js';
import { replay } from '../../../actions/gate-check/replay.js';
import {
  checksSeen,
  digest,
  job,
  judge,
  ledger,
  now,
  policyOf,
  posted,
  record,
  request,
  run,
  sha,
} from './facts.js';

const firstDeployment: GateEvidence = { comparison: { is: 'known', value: { live: null } } };
const claim = { environment: 'production', service: 'shop', sha, digest, runId: 500, attempt: 1 };

describe('a verdict', () => {
  it('is given for a pass, and is what the switch accepts until it expires', () => {
    const { verdict, result } = judge('monotonic: true', firstDeployment);
    expect(result).toBe('pass');
    const text = JSON.stringify(verdict);
    expect(checkVerdict(text, { ...claim, now })).toMatchObject({ accepted: true });
    expect(checkVerdict(text, { ...claim, now: now + 30 * 60_000 - 1 }).accepted).toBe(true);
    expect(checkVerdict(text, { ...claim, now: now + 30 * 60_000 }).accepted).toBe(false);
    expect(checkVerdict(text, { ...claim, attempt: 2, now }).accepted).toBe(false);
  });

  it('never outlives the window', () => {
    const window = "window: { timezone: UTC, allow: [{ days: sun, from: '09:00', to: '12:10' }] }";
    expect(judge(`monotonic: true, ${window}`, firstDeployment).verdict!.expiresAt).toBe(
      '2026-11-22T12:10:00.000Z',
    );
    const freeze = 'window: { timezone: UTC, freeze: [{ from: 2026-11-22T12:05, to: 2026-11-22T13:00 }] }';
    expect(judge(freeze, {}).verdict!.expiresAt).toBe('2026-11-22T12:05:00.000Z');
  });

  it('is never given for a hold or a failure', () => {
    expect(judge('window: { timezone: UTC, freeze: [{ days: sun }] }', {}).verdict).toBeUndefined();
    expect(judge('monotonic: true', {}).verdict).toBeUndefined();
  });
});

describe('several gates', () => {
  const frozen = 'window: { timezone: UTC, freeze: [{ from: 2026-11-22T12:03, to: 2026-11-22T18:00 }] }';
  const soaking = 'promotion: { from: staging, soak: 10m }';
  const fourMinutes = ledger(record({ changes: [['success', 4]] }));

  it('open when all of them do: the end of a soak inside a freeze is no opening', () => {
    expect(judge(soaking, fourMinutes).opensAt).toBe('2026-11-22T12:06:00.000Z');
    expect(judge(`${soaking}, ${frozen}`, fourMinutes)).toMatchObject({
      result: 'hold',
      opensAt: '2026-11-22T18:00:00.000Z',
    });
  });

  it('have no known opening while a check runs', () => {
    const running = checksSeen({
      runs: [run({ status: 'in_progress', jobs: [job({ status: 'queued', conclusion: null })] })],
    });
    const gates = `${soaking}, checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }] }`;
    const decision = judge(gates, { ...fourMinutes, ...running });
    expect(decision.result).toBe('hold');
    expect(decision.opensAt).toBeUndefined();
  });

  it('fail when one fails, whatever the others say, and all are told', () => {
    const decision = judge(`monotonic: true, ${soaking}`, fourMinutes);
    expect(decision.result).toBe('fail');
    expect(decision.opensAt).toBeUndefined();
    expect(decision.gates.map(({ gate, result }) => [gate, result])).toEqual([
      ['promotion', 'hold'],
      ['monotonic', 'fail'],
    ]);
    expect(decision.message).toContain('held by promotion');
  });
});

function reportOf(gates: string, evidence: GateEvidence): GateReport {
  return {
    schema: 'devops-actions/gate-report@1',
    request,
    now: isoInstant(now),
    policy: policyOf(gates),
    evidence,
    ...judge(gates, evidence),
  };
}

describe('a report', () => {
  const gates = `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }] }, promotion: { from: staging }, monotonic: true, window: { timezone: UTC, freeze: [{ days: fri }] }, incidents: { block-at: low }`;
  const incidents = { is: 'known', value: [] } as const;
  const good = {
    ...ledger(record()),
    ...checksSeen({ runs: [run()] }),
    ...firstDeployment,
    incidents: { ...incidents, value: [] },
  };
  const worlds: [string, GateEvidence][] = [
    ['pass', good],
    ['hold', { ...good, ...checksSeen({ runs: [run({ status: 'queued', jobs: [] })] }) }],
    ['fail', { ...good, ...checksSeen({}) }],
  ];

  it.each(worlds)('of a %s replays from its file to the same decision', (result, evidence) => {
    const report = reportOf(gates, evidence);
    expect(report.result).toBe(result);
    const read = gateReportSchema.parse(JSON.parse(JSON.stringify(report)));
    const { result: again, message, gates: judged, verdict, opensAt } = report;
    expect(replay(read)).toEqual({
      result: again,
      message,
      gates: judged,
      ...(verdict ? { verdict } : {}),
      ...(opensAt ? { opensAt } : {}),
    });
  });

  it('replays to another decision when its evidence is changed', () => {
    const report = reportOf(gates, good);
    expect(replay({ ...report, evidence: { ...good, ...checksSeen({}) } }).result).toBe('fail');
  });

  it.each([
    ['pass', '## ✅ shop may go to production'],
    ['hold', '## ⏳ shop may not go yet to production'],
    ['fail', '## ❌ shop may not go to production'],
  ])('of a %s reads the verdict first', (result, head) => {
    const [, evidence] = worlds.find(([name]) => name === result)!;
    const summary = render(reportOf(gates, evidence));
    expect(summary.split('\n')[0]).toBe(head);
    expect(summary).toContain('| `checks` |');
  });

  it('lets no text of others out of its cell', () => {
    const evil = checksSeen({
      posted: [
        posted({ name: 'test', app: { id: 6, slug: '|x| <img src=y> @admins [a](http://b)' }, run: null }),
      ],
    });
    const summary = render(reportOf('checks: { required: [{ name: test, app: 5 }] }', evil));
    expect(summary).not.toContain('<img');
    expect(summary).not.toContain('@admins');
    expect(summary).not.toContain('[a](http');
  });
});
