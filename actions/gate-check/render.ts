import type { GateReport } from './report.js';
import { isoInstant } from '../../shared/time/instant.js';
import { reviewsOf } from './gate/reviews.js';
import { shortSha } from './gate/gate.js';
import { code, details, escapeMarkdown, link, table } from '../../shared/report/markdown.js';

const signs = { pass: '✅', hold: '⏳', fail: '❌' } as const;
const verdicts = { pass: 'may go to', hold: 'may not go yet to', fail: 'may not go to' } as const;

/** Links shown beside a gate; the report has all. */
const mostLinks = 6;

/**
 * The job summary: the verdict, the table of gates, then what was seen and not counted, and from where the policy came.
 */
export function render(report: GateReport): string {
  const { request, result } = report;
  const head = `## ${signs[result]} ${escapeMarkdown(request.service)} ${verdicts[result]} ${escapeMarkdown(request.environment)}`;
  const gates = table(
    ['', 'Gate', 'Reason', 'Evidence'],
    report.gates.map((gate) => [
      signs[gate.result],
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
    gates,
    ...letThrough(report),
    ...otherwise(report),
    ...(notes.length > 0 ? [details(`Seen and not counted (${notes.length})`, notes.join('\n'))] : []),
    details('What was judged, by which policy', particulars(report)),
    '',
  ].join('\n\n');
}

/** Pull requests shown; the report has all. */
const mostPulls = 20;

/** For the approver: what the release brings against what is live, where a gate had that looked up. */
function whatChanges({ request, evidence }: GateReport): string[] {
  if (evidence.changes?.is !== 'known') return [];
  const { base, commits, pulls, files, filesTruncated } = evidence.changes.value;
  if (!base) return ['**What changes:** nothing is live yet, so there is nothing to compare with.'];
  const { comparison } = evidence;
  const live = comparison?.is === 'known' ? comparison.value.live : null;
  const since = live
    ? `${code(live.version)}, live since ${isoInstant(live.since)}`
    : code(shortSha(base.sha));
  const people = new Set([
    ...commits.flatMap(({ author }) => author ?? []),
    ...pulls.flatMap(({ author, contributors }) => [author.login, ...contributors]),
  ]);
  const lines = files.reduce((sum, { added, removed }) => sum + added + removed, 0);
  const size = `${filesTruncated ? 'more than ' : ''}${plural(files.length, 'file')}, ${plural(lines, 'line')}`;
  const compare = link('compare', `${request.repositoryUrl}/compare/${base.sha}...${request.sha}`);
  const head = `**What changes:** ${plural(commits.length, 'commit')} in ${plural(pulls.length, 'pull request')} by ${plural(people.size, 'person', 'people')} since ${since} · ${size} · ${compare}`;
  const direct = commits.filter((commit) => commit.pulls.length === 0);
  const rows = pulls
    .slice(0, mostPulls)
    .map((pull) => [
      link(`#${pull.number}`, pull.url),
      escapeMarkdown(pull.title),
      escapeMarkdown([...new Set([pull.author.login, ...pull.contributors])].join(', ')),
      escapeMarkdown(reviewsOf(pull).approvedBy.join(', ') || 'nobody whose approval counts'),
    ]);
  const more = pulls.length > mostPulls ? [`${pulls.length - mostPulls} more stand in the report.`] : [];
  return [
    head,
    ...(rows.length > 0 ? [table(['', 'Pull request', 'By', 'Approved by'], rows)] : []),
    ...more,
    ...(direct.length > 0 ? [`⚠️ ${plural(direct.length, 'commit')} came without a pull request.`] : []),
  ];
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

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

function validity({ result, verdict, opensAt, gates, now }: GateReport): string {
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

function particulars({ request, now, base }: GateReport): string {
  const { repositoryUrl: root, sha, policy, run, digest } = request;
  return table(
    ['What', 'Value'],
    [
      ['Commit', link(sha, `${root}/commit/${sha}`)],
      ['Digest', code(digest)],
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
