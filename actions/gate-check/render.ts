import { migrationLine, riskNotes, signs, whatChanges } from './render-changes.js';
import type { GateReport } from './report.js';
import { code, details, escapeMarkdown, link, table } from '../../shared/report/markdown.js';

const verdicts = { pass: 'may go to', hold: 'may not go yet to', fail: 'may not go to' } as const;

/** Links shown beside a gate; the report has all. */
const mostLinks = 6;

/**
 * The job summary: the verdict, the table of gates, then what was seen and not counted, and from where the policy came.
 */
export function render(report: GateReport): string {
  const { request, result } = report;
  const service = escapeMarkdown(request.service);
  const environment = escapeMarkdown(request.environment);
  const head = request.ahead
    ? `## ${signs[result]} ${service} #${request.ahead.pull}, ${request.ahead.way === 'merge' ? 'once merged' : 'from its branch'}, ${result === 'pass' ? 'can' : 'may not'} go to ${environment}`
    : `## ${signs[result]} ${service} ${verdicts[result]} ${environment}`;
  const gates = table(
    ['', 'Gate', 'Reason', 'Evidence'],
    report.gates.map((gate) => [
      gate.advisory && gate.result === 'fail' ? '⚠️' : signs[gate.result],
      code(gate.gate),
      escapeMarkdown(gate.reason),
      gate.evidence
        .slice(0, mostLinks)
        .map(({ text, url }) => link(text, url))
        .join('<br>'),
    ]),
  );
  const notes = report.gates.flatMap(({ gate, notes: message }) =>
    message.map((note) => `- ${code(gate)}: ${escapeMarkdown(note)}`),
  );
  return [
    head,
    validity(report),
    ...whatChanges(report),
    ...migrationLine(report),
    ...riskNotes(report),
    gates,
    ...letThrough(report),
    ...otherwise(report),
    ...(notes.length > 0 ? [details(`Seen and not counted (${notes.length})`, notes.join('\n'))] : []),
    details('What was judged, by which policy', particulars(report)),
    '',
  ].join('\n\n');
}

/** Exactly what the verdict lists. */
function letThrough({ verdict }: GateReport): string[] {
  const waivers = verdict?.waivers ?? [];
  if (waivers.length === 0) return [];
  const rows = waivers.map(({ gate, reason, by }) => [
    code(gate),
    escapeMarkdown(reason),
    escapeMarkdown(by),
  ]);
  return ['⚠️ **Let through:**', table(['Gate', 'Why', 'By'], rows)];
}

/** In what the policy departs from the one it extends. */
function otherwise({ base }: GateReport): string[] {
  if (!base || base.replaced.length === 0) return [];
  const rows = base.replaced.map(({ gate, reason }) => [code(gate), escapeMarkdown(reason)]);
  const from = escapeMarkdown(`${base.repository}/${base.path}`);
  return [`⚠️ **Left out of ${from}, or set otherwise:**`, table(['Gate', 'Why'], rows)];
}

function validity({ request, result, verdict, opensAt, gates, now }: GateReport): string {
  if (request.ahead) return beforeItsMerge(request.ahead, gates);
  if (verdict)
    return `The verdict is for this attempt of this run only and expires at **${verdict.expiresAt}**.`;
  if (result === 'hold') {
    return opensAt
      ? `Opens at **${opensAt}** if nothing else changes. Run this job again then.`
      : 'When it opens is not known. Run this job again when what it waits for is done.';
  }
  const failed = gates.filter((gate) => gate.result === 'fail').length;
  return `${failed} of ${gates.length} gates failed at ${now}. Fix what the table says and run the workflow again.`;
}

function beforeItsMerge(
  { way, branch, into }: NonNullable<GateReport['request']['ahead']>,
  gates: GateReport['gates'],
): string {
  const what =
    way === 'merge'
      ? `it is the merge with ${code(into)} as it would be now.`
      : `it is ${code(branch)} by itself, since ${code(into)} holds more than what is live. Once it is approved, run the workflow that releases on that branch with ${code('kind: hotfix')}; when it is live, merge it.`;
  const shown = gates.some((gate) => gate.advisory && gate.result !== 'pass');
  return `This is no verdict: ${what} An approval is still needed, and every gate of the policy is asked at the release.${shown ? ' ⚠️ and ⏳ do not hold the merge: they are how things stand now.' : ''}`;
}

function particulars({ request, now, base }: GateReport): string {
  const { repositoryUrl: root, sha, policy, run, digest, ahead } = request;
  return table(
    ['What', 'Value'],
    [
      ...(ahead
        ? [
            ['Pull request', link(`#${ahead.pull}`, `${root}/pull/${ahead.pull}`)],
            ['Last commit', link(ahead.head, `${root}/commit/${ahead.head}`)],
            ...(ahead.way === 'merge' ? [['Trial merge', code(sha)]] : []),
          ]
        : [
            ['Commit', link(sha, `${root}/commit/${sha}`)],
            ['Digest', code(digest)],
          ]),
      [
        'Policy',
        link(
          `${policy.path} at ${policy.commit.slice(0, 12)}`,
          `${root}/blob/${policy.commit}/${policy.path}`,
        ),
      ],
      ...(base
        ? [['Extends', escapeMarkdown(`${base.repository}/${base.path} at ${base.sha.slice(0, 12)}`)]]
        : []),
      [
        'Run',
        link(`${run.id}, attempt ${run.attempt}`, `${root}/actions/runs/${run.id}/attempts/${run.attempt}`),
      ],
      ['Judged at', code(now)],
    ],
  );
}
