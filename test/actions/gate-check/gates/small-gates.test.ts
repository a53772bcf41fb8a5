import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import type { IncidentEvidence } from '../../../../actions/gate-check/evidence/ledger/incidents.js';
import { changesOf, incident, judge, known, now, otherSha, request, sha, unknown } from '../facts.js';

const result = (gates: string, evidence: GateEvidence, asked: Partial<GateRequest> = {}) => {
  const decision = judge(gates, evidence, now, { ...request, ...asked });
  return { is: decision.result, reason: decision.gates[0]!.reason, notes: decision.gates[0]!.notes };
};

describe('monotonic', () => {
  const live = (status: 'ahead' | 'behind' | 'diverged' | 'identical'): GateEvidence => ({
    comparison: {
      is: 'known',
      value: { live: { deployment: 3, sha: otherSha, version: '1.4.1', since: now, status } },
    },
  });

  it.each([
    ['ahead', 'pass', 'is ahead of'],
    ['identical', 'pass', 'is what is live'],
    ['behind', 'fail', 'use auto-rollback to go back'],
    ['diverged', 'fail', 'merge them into this branch'],
  ] as const)('a commit that is %s: %s', (status, is, words) => {
    const found = result('monotonic: true', live(status));
    expect(found.is).toBe(is);
    expect(found.reason).toContain(words);
  });

  it('lets the first deployment through', () => {
    expect(result('monotonic: true', { comparison: { is: 'known', value: { live: null } } })).toMatchObject({
      is: 'pass',
      reason: 'first deployment: the ledger has nothing live in production',
    });
  });

  it('fails when the comparison is unknown', () => {
    expect(result('monotonic: true', { comparison: unknown }).is).toBe('fail');
    expect(result('monotonic: true', {}).is).toBe('fail');
  });
});

describe('branch', () => {
  const heads = (truncated: boolean, ...found: [name: string, contains: boolean][]): GateEvidence => ({
    branches: {
      is: 'known',
      value: { truncated, heads: found.map(([name, contains]) => ({ name, sha: otherSha, contains })) },
    },
  });
  const gate = "branch: [main, 'hotfix/*']";

  it('passes when an allowed branch contains the commit', () => {
    expect(result(gate, heads(false, ['main', false], ['hotfix/1', true]))).toMatchObject({
      is: 'pass',
      reason: `${sha.slice(0, 12)} is on hotfix/1`,
    });
  });

  it('fails when none does, when there is none, when too many were left out, and when it is unknown', () => {
    expect(result(gate, heads(false, ['main', false])).is).toBe('fail');
    expect(result(gate, heads(false)).reason).toContain('there is no branch');
    expect(result(gate, heads(true, ['hotfix/1', false])).reason).toContain('delete merged branches');
    expect(result(gate, { branches: unknown }).is).toBe('fail');
  });
});

describe('incidents', () => {
  const gate = 'incidents: { block-at: high }';
  const open = (...value: IncidentEvidence[]) => result(gate, { incidents: { is: 'known', value } });

  it.each([
    ['critical', 'fail'],
    ['high', 'fail'],
    ['medium', 'pass'],
    ['low', 'pass'],
  ] as const)('an open %s one makes it %s', (severity, is) =>
    expect(open(incident({ severity })).is).toBe(is),
  );

  it('one of the whole system blocks every service and environment', () => {
    expect(open(incident({ services: [], environment: null })).is).toBe('fail');
  });

  it('one of another service or environment does not', () => {
    expect(open(incident({ services: ['basket'] })).is).toBe('pass');
    expect(open(incident({ environment: 'staging' })).is).toBe('pass');
    expect(open(incident({ services: ['basket', 'SHOP'] })).is).toBe('fail');
  });

  it('one without severity is untriaged: it is mentioned and blocks nothing', () => {
    const { is, notes } = open(incident({ severity: null }));
    expect(is).toBe('pass');
    expect(notes[0]).toContain('#12');
  });

  it('the verdict waives only what was let through: not an incident of another service, relabelled to this one later', () => {
    const value = [
      incident({ number: 12 }),
      incident({ number: 13, services: ['search'], severity: 'critical' }),
      incident({ number: 14, environment: 'staging' }),
      incident({ number: 15, severity: 'low' }),
    ];
    const letIn = 'incidents: { block-at: high, let-hotfix: true }';
    const hotfix = { ...request, kind: 'hotfix' as const };
    const terms = (policy: string, seen: IncidentEvidence[], asked = request) =>
      judge(policy, { incidents: known(seen), changes: known(changesOf()) }, now, asked).verdict?.incidents;
    expect(terms(letIn, value, hotfix)).toEqual({ blockAt: 'high', waived: [12] });
    expect(terms(gate, value.slice(1))).toEqual({ blockAt: 'high', waived: [] });
    expect(
      judge('window: { timezone: UTC, freeze: [{ days: mon }] }', {}).verdict?.incidents,
    ).toBeUndefined();
  });

  it('fails when open incidents cannot be read', () =>
    expect(result(gate, { incidents: unknown }).is).toBe('fail'));
});

describe('window', () => {
  it('holds with the instant at which it opens, and passes with the one at which it closes', () => {
    const held = judge(
      'window: { timezone: UTC, freeze: [{ days: sun, reason: No deploys on Sundays }] }',
      {},
    );
    expect(held).toMatchObject({ result: 'hold', opensAt: '2026-11-23T00:00:00.000Z' });
    expect(held.gates[0]!.reason).toBe(
      'frozen: No deploys on Sundays; opens Mon 2026-11-23 00:00 UTC, in 12 h',
    );
    const open = judge("window: { timezone: UTC, allow: [{ days: sun, to: '12:10', from: '09:00' }] }", {});
    expect(open.gates[0]).toMatchObject({ result: 'pass', closesAt: '2026-11-22T12:10:00.000Z' });
  });

  it('fails when it never opens: waiting would not help', () => {
    expect(judge('window: { timezone: UTC, allow: [{ dates: 2020-01-01 }] }', {}).result).toBe('fail');
  });

  it('says that it is outside of what is allowed', () => {
    const { gates } = judge('window: { timezone: UTC, allow: [{ days: mon }] }', {}, now);
    expect(gates[0]!.reason).toContain('outside every allowed window');
  });
});
