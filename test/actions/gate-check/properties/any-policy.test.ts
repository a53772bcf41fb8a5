import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import { decide, type Decision } from '../../../../actions/gate-check/decide.js';
import type { GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import { gates } from '../../../../actions/gate-check/gates/registry.js';
import type { EnvironmentPolicy } from '../../../../actions/gate-check/policy.js';
import { render } from '../../../../actions/gate-check/render.js';
import { replay } from '../../../../actions/gate-check/replay.js';
import { gateReportSchema, type GateReport } from '../../../../actions/gate-check/report.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import {
  evidences,
  instants,
  nearlyPolicies,
  policies,
  read,
  timedPolicies,
  goodEvidence,
  requests,
  textOf,
  type Written,
} from './dealt.js';

/** Fixed, so that what a case must reach is reached in each run. */
const seed = 20_261_129;

interface Case {
  written: Written;
  policy: EnvironmentPolicy;
  evidence: GateEvidence;
  asked: GateRequest;
  at: number;
  decision: Decision;
}

/** Holds a property against so many policies that can be read; gives what came of them. */
function against(
  numRuns: number,
  holds: (one: Case) => void,
  [texts, known]: [fc.Arbitrary<Written>, fc.Arbitrary<GateEvidence>] = [policies, evidences],
): { results: Map<string, number>; gates: Set<string> } {
  const results = new Map<string, number>();
  const seen = new Set<string>();
  fc.assert(
    fc.property(texts, known, requests, instants, (written, evidence, asked, at) => {
      const policy = read(written);
      if (policy instanceof ConfigurationError) return;
      const decision = decide(policy, asked, evidence, at);
      results.set(decision.result, (results.get(decision.result) ?? 0) + 1);
      for (const { gate, result } of decision.gates) if (result === 'pass') seen.add(gate);
      holds({ written, policy, evidence, asked, at, decision });
    }),
    { numRuns, seed },
  );
  return { results, gates: seen };
}

/** The policy without any word that lets something through. */
function strictly(written: Written): Written {
  const without = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(without);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([key]) => key !== 'let-hotfix' && key !== 'readmit');
    return Object.fromEntries(kept.map(([key, part]) => [key, without(part)]));
  };
  return { gates: without(written.gates) as Written['gates'] };
}

const passing = ({ gates: judged }: Decision) =>
  judged.filter(({ result }) => result === 'pass').map(({ gate }) => gate);

describe('any policy text', () => {
  it('is read, or refused with the place, what is allowed, and a fix', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.oneof(policies, nearlyPolicies), (written) => {
        const policy = read(written);
        if (!(policy instanceof ConfigurationError)) return expect(policy.gates.length).toBeGreaterThan(0);
        refused++;
        expect(policy.problems.length).toBeGreaterThan(0);
        for (const { line, column, got, allowed, fix } of policy.problems) {
          expect([line, column! >= 1]).toEqual([1, true]);
          expect([got, allowed, fix]).not.toContain('');
        }
      }),
      { numRuns: 500, seed },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

describe('any policy with any evidence', () => {
  it('never passes with a gate that does not pass by itself and is not waived by name', () => {
    let waived = 0;
    const { results, gates: seen } = against(1_000, ({ written, evidence, asked, at, decision }) => {
      const strict = decide(read(strictly(written)) as EnvironmentPolicy, asked, evidence, at);
      const [itself, now] = [passing(strict), passing(decision)];
      // Letting something through takes nothing away.
      expect(now).toEqual(expect.arrayContaining(itself));
      const all = decision.gates.every(({ result }) => result === 'pass');
      expect([decision.result === 'pass', decision.verdict !== undefined]).toEqual([all, all]);
      if (!decision.verdict) return;
      expect(decision.verdict.gates).toEqual(now);
      const named = decision.verdict.waivers.map(({ gate }) => gate);
      expect(named).toEqual(now.filter((gate) => !itself.includes(gate)));
      waived += named.length;
    });
    // What no case reaches would prove nothing.
    expect([...seen].sort()).toEqual(gates.map(({ name }) => name).sort());
    expect([...results.keys()].sort()).toEqual(['fail', 'hold', 'pass']);
    expect(Math.min(results.get('pass')!, waived)).toBeGreaterThan(10);
  });

  it('passes no gate whose evidence is not known', () => {
    against(300, ({ policy, evidence, asked, at, decision }) => {
      for (const { gate, config } of policy.gates) {
        const release = { ...asked, kind: 'release' as const };
        const needed = gate.needs(config, release).filter(({ kind }) => gate.kinds.includes(kind));
        for (const { kind } of needed) {
          const blind = decide(policy, asked, { ...evidence, [kind]: { is: 'unknown', reason: '502' } }, at);
          expect(passing(blind)).not.toContain(gate.name);
          expect(blind.result).toBe('fail');
          if (evidence[kind]?.is !== 'known') expect(passing(decision)).not.toContain(gate.name);
        }
      }
    });
  });

  it('decides the same whatever the order of the gates in the file', () => {
    against(200, ({ written, evidence, asked, at, decision }) => {
      const reversed = Object.fromEntries(Object.entries(written.gates).reverse());
      const sorted = Object.fromEntries(Object.entries(written.gates).sort(([a], [b]) => a.localeCompare(b)));
      for (const other of [reversed, sorted])
        expect(decide(read({ ...written, gates: other }) as EnvironmentPolicy, asked, evidence, at)).toEqual(
          decision,
        );
    });
  });

  it('decides the same when its report is replayed, and the summary lets no text of others out', () => {
    against(400, ({ written, evidence, asked, at, decision }) => {
      const report: GateReport = {
        schema: 'devops-actions/gate-report@1',
        request: asked,
        now: isoInstant(at),
        policy: textOf(written),
        evidence,
        ...decision,
      };
      const parsed = gateReportSchema.parse(JSON.parse(JSON.stringify(report)));
      expect(JSON.parse(JSON.stringify(replay(parsed)))).toEqual(JSON.parse(JSON.stringify(decision)));
      const page = marked(render(parsed), { async: false }).replace(/<code>[^<]*<\/code>/g, '');
      expect(page).not.toMatch(/<img|href="https:\/\/evil|@octocat|^::|\u001b/m);
    });
  });

  it('opens at the first instant at which it passes, and not a second before', () => {
    let opened = 0;
    against(
      300,
      ({ policy, evidence, asked, at, decision: { opensAt } }) => {
        if (opensAt === undefined) return;
        opened++;
        const opens = parseInstant(opensAt)!;
        expect(opens).toBeGreaterThan(at);
        expect(decide(policy, asked, evidence, opens).result).toBe('pass');
        for (const part of [0.1, 0.5, 0.9, 1]) {
          const before = Math.min(opens - 1_000, at + (opens - at) * part);
          expect(decide(policy, asked, evidence, Math.max(at, before)).result).toBe('hold');
        }
      },
      [timedPolicies, goodEvidence],
    );
    expect(opened).toBeGreaterThan(20);
  });
});
