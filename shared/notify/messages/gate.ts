import type { GateDecision } from '../../contracts/reports/gate-report.js';
import type { News } from '../message.js';

const titles = { pass: 'may go to', hold: 'may not go yet to', fail: 'may not go to' } as const;

/** What people are told of a gate check. It moves nothing, so it wakes nobody. */
export function tellGate(report: GateDecision): News {
  const { request, result, gates, opensAt, verdict } = report;
  const { environment, service, repositoryUrl, run, ahead } = request;
  const waiting = gates.filter((gate) => gate.result !== 'pass');
  const waivers = (verdict?.waivers ?? []).map(({ gate, by, reason }) => `${gate} by ${by}: ${reason}`);
  return {
    tone: result === 'pass' ? 'success' : result === 'hold' ? 'hold' : 'failure',
    title: ahead
      ? `${service} #${ahead.pull}, ${ahead.way === 'merge' ? 'once merged' : 'from its branch'}, ${result === 'pass' ? 'can' : 'may not'} go to ${environment}`
      : `${service} ${titles[result]} ${environment}`,
    body:
      waiting.length === 0
        ? `All ${gates.length} gates ${ahead ? 'that can be asked before the merge ' : ''}passed.`
        : waiting.map(({ gate, result, reason }) => `${gate} (${result}): ${reason}`).join('\n'),
    next: nextStep(report),
    changed: result !== 'pass',
    environment,
    service,
    since: report.now,
    who: request.actor,
    facts: {
      Commit: request.sha.slice(0, 12),
      Kind: request.kind === 'hotfix' ? 'hotfix' : undefined,
      'Valid until': verdict?.expiresAt,
      'Opens at': result === 'hold' ? (opensAt ?? 'not known') : undefined,
      Waived: waivers.join('; '),
    },
    run: `${repositoryUrl}/actions/runs/${run.id}/attempts/${run.attempt}`,
    links: [{ text: 'Commit', url: `${repositoryUrl}/commit/${request.sha}` }],
  };
}

function nextStep({ request, result, opensAt }: GateDecision): string {
  if (request.ahead)
    return result === 'pass'
      ? 'Review it: the release is judged again.'
      : 'Push what is listed to its branch.';
  if (result === 'pass')
    return 'Nothing to do here: the release goes on, or waits for its reviewers, in the run.';
  if (result === 'fail') return 'Fix what is listed, then run the workflow again.';
  return opensAt
    ? `Run the job again after ${opensAt}.`
    : 'Run the job again when what it waits for is done.';
}
