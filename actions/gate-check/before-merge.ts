import { ConfigurationError } from '../../shared/config/problem.js';
import type { GateJudgement, GateRequest } from '../../shared/contracts/reports/gate-report.js';
import type { GateEvidence } from './evidence/registry.js';
import type { EnvironmentPolicy } from './policy.js';
import type { GateReport } from './report.js';

type Answer = Pick<GateReport, 'result' | 'message' | 'gates'>;

/** The policy as far as it can be asked before a merge: nobody overrides what is not released yet. */
export function beforeMerge(policy: EnvironmentPolicy, request: GateRequest): EnvironmentPolicy {
  const onBranch = request.ahead?.way === 'branch';
  const gates = policy.gates.filter(
    ({ gate: { beforeMerge: when } }) => when !== undefined && (onBranch || when !== 'decides-on-branch'),
  );
  if (gates.length === 0 && request.kind === 'release')
    throw new ConfigurationError([
      {
        file: request.policy.path,
        path: `environments.${request.environment}.gates`,
        got: 'no gate that can be asked before a merge',
        allowed: 'documented, version or another that a pull request can be judged by',
        fix: 'add one, or take pull-request out',
      },
    ]);
  return { ...policy, gates, overrides: [] };
}

/** A policy may leave the limits of a hotfix out; then people read so, and how to set them. */
function withLimits(judged: readonly GateJudgement[], { kind, environment }: GateRequest): GateJudgement[] {
  if (kind !== 'hotfix' || judged.some(({ gate }) => gate === 'hotfix')) return [...judged];
  const reason = `the policy sets no limits for a hotfix; to set them, add hotfix: { tests: ['test/**'] } to the gates of ${environment}`;
  return [{ gate: 'hotfix', result: 'pass', reason, notes: [], evidence: [], advisory: true }, ...judged];
}

/** What was found out, as it will be once the pull request is merged, where the question is of its merge. */
export function asMerged(evidence: GateEvidence, { sha, ahead }: GateRequest): GateEvidence {
  const { changes } = evidence;
  if (ahead?.way !== 'merge' || changes?.is !== 'known') return evidence;
  const { commits, pulls } = changes.value;
  const value = {
    ...changes.value,
    commits: commits.map((commit) => (commit.sha === sha ? { ...commit, pulls: [ahead.pull] } : commit)),
    pulls: pulls.map((pull) =>
      pull.number === ahead.pull && pull.state === 'open' && pull.head.sha === ahead.head
        ? { ...pull, state: 'merged' as const, mergeSha: sha }
        : pull,
    ),
  };
  return { ...evidence, changes: { is: 'known', value } };
}

/** The answer before a merge: no verdict, and what only tells how things stand fails nothing. */
export function decideAhead(known: readonly GateJudgement[], request: GateRequest, isLive: boolean): Answer {
  const judged = withLimits(known, request);
  const { service, environment, ahead } = request;
  const what = `#${ahead?.pull ?? 0} of ${service}`;
  const failed = judged.filter((gate) => gate.result !== 'pass' && !gate.advisory);
  const later = judged.filter((gate) => gate.result !== 'pass' && gate.advisory);
  const listed = (some: readonly GateJudgement[]) =>
    some.map(({ gate, reason }) => `${gate}: ${reason}`).join('; ');
  const now = later.length > 0 ? `. As things stand now the release would not pass ${listed(later)}` : '';
  if (failed.length > 0)
    return {
      result: 'fail',
      message: `${what}, once merged, may not go to ${environment}: ${listed(failed)}${now}`,
      gates: judged,
    };
  const passed = judged.filter(({ result }) => result === 'pass').map(({ gate }) => gate);
  return {
    result: 'pass',
    message:
      ahead?.way === 'branch'
        ? isLive
          ? `${what} is live in ${environment} already: merge it, or the next release would lack it${now}`
          : `${what} passes ${passed.join(', ')} of ${environment} from its branch, and not merged: ${ahead.into} holds more than what is live. Once it is approved, run the workflow that releases on ${ahead.branch} with kind: hotfix, and merge it when it is live${now}`
        : `${what}, once approved and merged, passes ${passed.join(', ')} of ${environment}; the release is judged again${now}`,
    gates: judged,
  };
}
