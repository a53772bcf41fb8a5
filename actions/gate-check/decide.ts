import { decideAhead } from './before-merge.js';
import type { Verdict } from '../../shared/contracts/verdict.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { GateEvidence } from './evidence/registry.js';
import type { GateResult } from './gate/gate.js';
import { override } from './gate/overrides.js';
import type { EnvironmentPolicy } from './policy.js';
import type { GateReport } from './report.js';
import type { GateJudgement, GateRequest } from '../../shared/contracts/reports/gate-report.js';

/** The world as the gates see it: what is asked, and what was found out. */
interface Facts {
  request: GateRequest;
  evidence: GateEvidence;
}

/** What came of all gates together. There is a verdict for a pass only. */
export type Decision = Pick<GateReport, 'result' | 'message' | 'gates' | 'opensAt' | 'verdict'>;

/**
 * Judges a release by its environment's policy at an instant (epoch ms). Pure: the same policy, request, evidence and
 * instant give the same decision.
 */
export function decide(
  policy: EnvironmentPolicy,
  request: GateRequest,
  evidence: GateEvidence,
  now: number,
): Decision {
  const facts = { request, evidence };
  const judged = judgeAll(policy, facts, now);
  const gates = judged.map(toJudgement);
  if (request.ahead) {
    const { comparison } = evidence;
    const isLive = comparison?.is === 'known' && comparison.value.live?.sha === request.sha;
    return decideAhead(markAdvisory(policy, gates), request, isLive);
  }
  const failed = judged.filter(({ result }) => result.is === 'fail').map(({ gate }) => gate);
  const held = judged.filter(({ result }) => result.is === 'hold').map(({ gate }) => gate);
  const what = `${request.service} ${request.sha.slice(0, 12)}`;
  if (failed.length > 0) {
    const also = held.length > 0 ? `; held by ${held.join(', ')}` : '';
    return {
      result: 'fail',
      message: `${what} may not go to ${request.environment}: ${reasons(judged, 'fail')}${also}`,
      gates,
    };
  }
  if (held.length > 0) {
    const opensAt = opening(policy, facts, now);
    return {
      result: 'hold',
      message: `${what} may not go to ${request.environment} yet: ${reasons(judged, 'hold')}`,
      gates,
      ...(opensAt === undefined ? {} : { opensAt: isoInstant(opensAt) }),
    };
  }
  const closing = judged.map(({ result }) => (result.is === 'pass' ? result.closesAt : undefined));
  const expiresAt = Math.min(now + policy.validFor, ...closing.filter((at) => at !== undefined));
  const waivers = judged.flatMap(({ gate, result }) =>
    result.is === 'pass' && result.waived ? [{ gate, ...result.waived }] : [],
  );
  const terms = judged.map(({ result }) => (result.is === 'pass' ? result.terms : undefined));
  const verdict = {
    ...issue(request, gates, now, expiresAt),
    ...Object.assign({}, ...terms),
    waivers,
  };
  return {
    result: 'pass',
    message: `${what} may go to ${request.environment} until ${verdict.expiresAt}: ${gates.map(({ gate }) => gate).join(', ')} passed`,
    gates,
    verdict,
  };
}

const markAdvisory = (policy: EnvironmentPolicy, gates: readonly GateJudgement[]): GateJudgement[] =>
  gates.map((judgement, index) =>
    policy.gates[index]?.gate.beforeMerge === 'tells' ? { ...judgement, advisory: true } : judgement,
  );

interface Judged {
  gate: string;
  result: GateResult;
}

/** What each gate of a policy says, overrides by people included, in the order of the registry. */
export function judgeAll(policy: EnvironmentPolicy, facts: Facts, now: number): Judged[] {
  return policy.gates.map(({ gate, config }) => ({
    gate: gate.name,
    result: override(gate.name, gate.judge(config, facts, now), policy.overrides, facts, now),
  }));
}

/**
 * When all gates pass by the evidence at hand: the hour one gate opens may lie in the freeze of another, so they are
 * asked again at that hour.
 */
function opening(policy: EnvironmentPolicy, facts: Facts, now: number): number | undefined {
  let at = now;
  for (let tries = 0; tries < 50; tries++) {
    const results = judgeAll(policy, facts, at).map(({ result }) => result);
    if (results.every(({ is }) => is === 'pass')) return at;
    const next = results.map((result) =>
      result.is === 'hold' ? result.opensAt : result.is === 'pass' ? at : undefined,
    );
    if (next.includes(undefined)) return undefined;
    const latest = Math.max(...(next as number[]));
    if (latest <= at) return undefined;
    at = latest;
  }
  return undefined;
}

function reasons(judged: readonly Judged[], is: GateResult['is']): string {
  return judged
    .filter(({ result }) => result.is === is)
    .map(({ gate, result }) => `${gate}: ${result.reason}`)
    .join('; ');
}

function toJudgement({ gate, result }: Judged): GateJudgement {
  return {
    gate,
    result: result.is,
    reason: result.reason,
    ...(result.is === 'hold' && result.opensAt !== undefined ? { opensAt: isoInstant(result.opensAt) } : {}),
    ...(result.is === 'pass' && result.closesAt !== undefined
      ? { closesAt: isoInstant(result.closesAt) }
      : {}),
    notes: result.notes ?? [],
    evidence: result.evidence ?? [],
  };
}

function issue(
  request: GateRequest,
  gates: readonly GateJudgement[],
  now: number,
  expiresAt: number,
): Omit<Verdict, 'waivers'> {
  return {
    schema: 'devops-actions/verdict@1',
    result: 'pass',
    environment: request.environment,
    service: request.service,
    kind: request.kind,
    sha: request.sha,
    digest: request.digest,
    policyCommit: request.policy.commit,
    runId: request.run.id,
    attempt: request.run.attempt,
    issuedAt: isoInstant(now),
    expiresAt: isoInstant(expiresAt),
    gates: gates.map(({ gate }) => gate),
  };
}
