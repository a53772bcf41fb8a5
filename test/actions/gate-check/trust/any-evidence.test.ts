import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../../actions/gate-check/decide.js';
import type { EvidenceKind, GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import { evidenceKinds } from '../../../../actions/gate-check/evidence/registry.js';
import { readPolicy, type EnvironmentPolicy } from '../../../../actions/gate-check/policy.js';
import { changesOf, hotfixRequest, incident, now, record, request, unknown } from '../facts.js';
import { goodRelease, worldOf, type Values } from '../whole-world.js';

const names = ['startup', 'strict', 'release-rules', 'develop-to-main'];
const policies = new Map(
  names.map((name) => [
    name,
    readPolicy(readFileSync(`workflows-templates/policies/${name}.yml`, 'utf8'), name, 'production'),
  ]),
);

const kinds = evidenceKinds.map(({ kind }) => kind);

/** Evidence of a kind that must not pass a gate by itself; the gate that it speaks against. */
const against: { [kind in EvidenceKind]?: { gate: string; value: Values[kind] }[] } = {
  branches: [{ gate: 'branch', value: { heads: [], truncated: true } }],
  checks: [{ gate: 'checks', value: { runs: [], posted: [], statuses: [], truncated: [] } }],
  deployments: [
    { gate: 'promotion', value: { environments: ['staging', 'production'], records: [] } },
    {
      gate: 'promotion',
      value: { environments: ['staging', 'production'], records: [record({ distrust: ['by a stranger'] })] },
    },
  ],
  comparison: [{ gate: 'monotonic', value: { live: { ...goodRelease.comparison.live!, status: 'behind' } } }],
  changes: [{ gate: 'approvals', value: changesOf({ pulls: [] }) }],
  tags: [{ gate: 'version', value: { tags: [], truncated: true } }],
  environment: [{ gate: 'environment', value: null }],
  incidents: [{ gate: 'incidents', value: [incident({ marker: null, severity: 'critical' })] }],
  blockers: [{ gate: 'blockers', value: [] }],
};

type Fate = 'good' | 'unknown' | 'missing' | number;
const fate = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fate>('good') },
  fc.constantFrom<Fate>('unknown', 'missing', 0, 1),
);

function dealt(fates: Record<string, Fate>): {
  evidence: GateEvidence;
  unread: Set<string>;
  failing: Set<string>;
} {
  const evidence = worldOf() as Record<string, unknown>;
  const [unread, failing] = [new Set<string>(), new Set<string>()];
  for (const [kind, is] of Object.entries(fates)) {
    if (is === 'good') continue;
    const wrong = typeof is === 'number' ? against[kind as EvidenceKind]?.[is] : undefined;
    if (is === 'missing') delete evidence[kind];
    else if (is === 'unknown') evidence[kind] = unknown;
    else if (wrong) evidence[kind] = { is: 'known', value: wrong.value };
    if (typeof is !== 'number') unread.add(kind);
    else if (wrong) failing.add(wrong.gate);
  }
  return { evidence, unread, failing };
}

/** A policy with some of the gates of a ready one, at least one. */
function partOf(policy: EnvironmentPolicy, part: number): EnvironmentPolicy {
  const some = policy.gates.filter((_, index) => ((part >> index) & 1) === 0);
  return some.length === 0 ? policy : { ...policy, gates: some };
}

describe('any policy with any evidence', () => {
  it('never passes with a gate that fails or whose evidence is not known, and then has no verdict', () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.record(Object.fromEntries(kinds.map((kind) => [kind, fate]))),
        fc.constantFrom(request, hotfixRequest),
        fc.integer({ min: 0, max: 14 * 24 * 60 }),
        fc.nat(),
        (name, fates, asked, minutes, part) => {
          const policy = partOf(policies.get(name)!, part);
          const { evidence, unread, failing } = dealt(fates);
          const decision = decide(policy, asked, evidence, now + minutes * 60_000);
          const spoiled = policy.gates.filter(
            ({ gate, config }) =>
              failing.has(gate.name) || gate.needs(config, request).some(({ kind }) => unread.has(kind)),
          );
          if (spoiled.length > 0) expect(decision.result).toBe('fail');
          for (const { gate } of spoiled)
            expect(decision.gates.find((one) => one.gate === gate.name)?.result).not.toBe('pass');
          expect(decision.gates.map(({ gate }) => gate)).toEqual(policy.gates.map(({ gate }) => gate.name));
          const all = decision.gates.every(({ result }) => result === 'pass');
          expect([decision.result === 'pass', decision.verdict !== undefined]).toEqual([all, all]);
          if (all) passed++;
        },
      ),
      { numRuns: 1_000 },
    );
    // A property that no case reaches would prove nothing.
    expect(passed).toBeGreaterThan(10);
  });
});
