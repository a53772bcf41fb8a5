import { code, escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { isoInstant } from '../../shared/time/instant.js';
import { shortSha } from './gate/gate.js';
import { reviewsOf } from './gate/reviews.js';
import type { GateReport } from './report.js';

/** Pull requests shown; the report has all. */
const mostPulls = 20;

/** For the approver: what the release brings against what is live, where a gate had that looked up. */
export function whatChanges({ request, evidence }: GateReport): string[] {
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

export const signs = { pass: '✅', hold: '⏳', fail: '❌' } as const;

/** What the gate migration says, where the policy has one. */
export function migrationLine({ gates }: GateReport): string[] {
  return gates
    .filter(({ gate }) => gate === 'migration')
    .map(({ result, reason, evidence }) => {
      const links = evidence.map(({ text, url }) => ` · ${link(text, url)}`).join('');
      return `**Migrations:** ${signs[result]} ${escapeMarkdown(reason)}${links}`;
    });
}

type File = NonNullable<ReturnType<typeof changesIn>>['files'][number];

/** Kinds of files that an approver wants to know of, by their paths in small letters. */
const watched: readonly { is: RegExp; what: string }[] = [
  { is: /^\.github\/(workflows|actions)\//, what: 'how it is built and delivered' },
  { is: /(^|\/)codeowners$/, what: 'who has to approve' },
  {
    is: /(^|\/)(package-lock\.json|pnpm-lock\.yaml|yarn\.lock|poetry\.lock|uv\.lock|requirements[^/]*\.txt|go\.sum|cargo\.lock|gemfile\.lock)$/,
    what: 'dependencies',
  },
  {
    is: /(^|\/)(dockerfile[^/]*|[^/]*\.tf|chart\.yaml|docker-compose[^/]*|compose\.ya?ml)$/,
    what: 'what it runs on',
  },
];

const migrationFile = /(^|\/)migrations?\/|\.sql$/;
const testFile = /(^|\/)(tests?|specs?|__tests__)\/|[._-](test|spec)s?\.[a-z]+$|(^|\/)test_[^/]+$/;

/** Lines from which a release is called large. */
const manyLines = 1_000;

/** Files named in a note. */
const mostNamed = 3;

/** For the approver: what is unusual about the release. It decides nothing. */
export function riskNotes(report: GateReport): string[] {
  const { request, gates, evidence } = report;
  const changes = changesIn(report);
  const files = changes?.files ?? [];
  const lower = ({ path }: File) => path.toLowerCase();
  const about = (those: readonly File[], what: string) =>
    those.length === 0 ? [] : [`changes ${what}: ${namesOf(those)}`];
  const migrations = files.filter((file) => migrationFile.test(lower(file)));
  const judged = gates.some(({ gate }) => gate === 'migration');
  const lines = files.reduce((sum, { added, removed }) => sum + added + removed, 0);
  const open =
    evidence.incidents?.is === 'known'
      ? gates.filter(
          ({ gate, result, notes }) => gate === 'incidents' && (result !== 'pass' || notes.length > 0),
        )
      : [];
  const { comparison } = evidence;
  const named = comparison?.is === 'known' && !comparison.value.live && comparison.value.named === true;
  const notes = [
    ...(named ? ['is the first: the policy says so under first-release, and nothing else was asked'] : []),
    ...(changes?.base?.status === 'diverged' ? ['lacks commits that are live now'] : []),
    ...(changes?.base?.status === 'behind' ? ['is older than what is live now'] : []),
    ...about(
      files.filter(({ path }) => path === request.policy.path),
      'the release policy',
    ),
    ...watched.flatMap(({ is, what }) =>
      about(
        files.filter((file) => is.test(lower(file))),
        what,
      ),
    ),
    ...(judged ? [] : about(migrations, 'the schema, and no gate looks at migrations')),
    ...(files.length > 0 &&
    changes?.filesTruncated !== true &&
    !files.some((file) => testFile.test(lower(file)))
      ? ['changes no test']
      : []),
    ...(lines >= manyLines ? [`is large: ${lines} lines`] : []),
    ...(changes?.filesTruncated
      ? ['changes more files than GitHub lists, so these notes are not complete']
      : []),
    ...(open.length > 0 ? ['there are open incidents: see the gate incidents'] : []),
  ];
  if (notes.length === 0) return [];
  return [`**Look at:** ${notes.join(' · ')}`];
}

function changesIn({ evidence: { changes } }: GateReport) {
  return changes?.is === 'known' ? changes.value : undefined;
}

function namesOf(files: readonly File[]): string {
  const more = files.length > mostNamed ? ` and ${files.length - mostNamed} more` : '';
  return `${files
    .slice(0, mostNamed)
    .map(({ path }) => escapeMarkdown(path))
    .join(', ')}${more}`;
}

const plural = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
