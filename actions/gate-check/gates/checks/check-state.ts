import type { GateResult } from '../../gate/gate.js';

/** Conclusions that count as passed besides success, where the policy says so. */
export interface Accepting {
  'accept-neutral': boolean;
  'accept-skipped': boolean;
}

/** What a completed or running check comes to. */
export function judgeState(
  what: string,
  check: { status: string; conclusion: string | null; url: string },
  accept: Accepting,
): GateResult {
  const evidence = check.url ? [{ text: what, url: check.url }] : [];
  if (check.status !== 'completed') {
    return {
      is: 'hold',
      reason: `${what} is still running (${check.status.replaceAll('_', ' ')})`,
      evidence,
    };
  }
  const accepted = ['success'];
  if (accept['accept-neutral']) accepted.push('neutral');
  if (accept['accept-skipped']) accepted.push('skipped');
  const conclusion = check.conclusion ?? 'no conclusion';
  if (accepted.includes(conclusion)) return { is: 'pass', reason: `${what}: ${conclusion}`, evidence };
  const hint =
    conclusion === 'neutral' || conclusion === 'skipped'
      ? ` (counts only with accept-${conclusion}: true)`
      : '';
  return { is: 'fail', reason: `${what}: ${conclusion.replaceAll('_', ' ')}${hint}`, evidence };
}

/** Several results as one: any failure fails, any wait holds. Never asked about none. */
export function worst(results: readonly GateResult[], notes: string[]): GateResult {
  const is = (['fail', 'hold'] as const).find((state) => results.some((one) => one.is === state)) ?? 'pass';
  return {
    is,
    reason: results
      .filter((one) => one.is === is)
      .map(({ reason }) => reason)
      .join('; '),
    notes,
    evidence: results.flatMap((one) => one.evidence ?? []),
  };
}
