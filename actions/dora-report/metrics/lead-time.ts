import type { DoraQuestion } from '../../../shared/contracts/reports/dora-report.js';
import { isRollback, type Change } from './changes.js';
import type { GraphCommit } from './commit-graph.js';
import type { PullFact } from './pulls.js';
import { hoursBetween } from './figures/statistics.js';
import { at, type Unit } from './units.js';

export type Dropped =
  | NonNullable<Change['unknown']>
  | 'merge commit'
  | 'not older than its deployment'
  | 'implausible date'
  | 'other path'
  | 'author left out'
  | 'without the label'
  | 'counted with its pull request'
  | 'rollback';

/** A commit, or the pull request it came with, that went live. */
export interface Sample {
  commit: GraphCommit;
  pull: PullFact | undefined;
  hours: number;
}

export interface LeadTimes {
  samples: Sample[];
  /** Commits (or, where those are not known, the deployment itself) that give no sample. */
  dropped: { why: Dropped; commit: GraphCommit | undefined }[];
}

export interface LeadTimeRule {
  start: DoraQuestion['leadTimeStart'];
  filters: DoraQuestion['filters'];
}

/**
 * 1 January 2000 UTC: commits that say they are older come from a clock that was not set, or from another system's
 * history.
 */
export const firstPlausible = 946_684_800_000;

/**
 * Change lead time: to the first success of the first deployment that contains a commit. From the commit's date, one
 * sample a commit, or from its pull request's first commit or merge, one sample a pull request.
 */
export function leadTimesOf(
  unit: Unit,
  changes: ReadonlyMap<number, Change>,
  pulls: ReadonlyMap<string, PullFact>,
  rule: LeadTimeRule,
): LeadTimes {
  const none = (why: Dropped): LeadTimes => ({ samples: [], dropped: [{ why, commit: undefined }] });
  if (!unit.live) return { samples: [], dropped: [] };
  const change = changes.get(unit.id);
  if (isRollback(unit, changes)) return none('rollback');
  if (!change) return none('history not read whole');
  if (change.unknown) return none(change.unknown);
  const result: LeadTimes = { samples: [], dropped: [] };
  const counted = new Set<number>();
  for (const commit of change.commits) {
    const pull = pulls.get(commit.oid);
    const whole = rule.start !== 'commit' && pull !== undefined;
    const begun = begin(commit, pull, rule.start);
    const hours = hoursBetween(begun, unit.at);
    const why =
      filtered(unit, commit, pull, rule.filters) ??
      (whole && counted.has(pull.number)
        ? 'counted with its pull request'
        : commit.parents.length > 1 && !whole
          ? 'merge commit'
          : !(begun >= firstPlausible)
            ? 'implausible date'
            : hours <= 0
              ? 'not older than its deployment'
              : undefined);
    if (why !== undefined) result.dropped.push({ why, commit });
    else result.samples.push({ commit, pull, hours });
    if (whole && (why === undefined || !isFilter(why))) counted.add(pull.number);
  }
  return result;
}

function begin(commit: GraphCommit, pull: PullFact | undefined, start: LeadTimeRule['start']): number {
  if (start === 'merge' && pull) return at(pull.mergedAt);
  if (start === 'first-commit' && pull?.firstCommitAt !== undefined) return at(pull.firstCommitAt);
  // A rebase or squash writes a new commit date; the author's date is when the work was done.
  return start === 'first-commit' && pull ? commit.authoredAt : commit.committedAt;
}

const filters = ['other path', 'author left out', 'without the label'] as const;
const isFilter = (why: Dropped) => (filters as readonly Dropped[]).includes(why);

/** Why a commit is not among those that were asked for; undefined when it is. */
export function filtered(
  unit: Unit,
  commit: GraphCommit,
  pull: PullFact | undefined,
  { paths, excludeAuthors, excludeBots, labels }: LeadTimeRule['filters'],
): (typeof filters)[number] | undefined {
  if (paths.length + excludeAuthors.length + labels.length === 0 && !excludeBots) return undefined;
  const same = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase();
  if (paths.some(same(unit.service)) && !commit.touches?.some(same(unit.service))) return 'other path';
  const authors = [commit.author, pull?.author].filter((author) => author !== undefined);
  if (excludeBots && authors.some(({ bot }) => bot)) return 'author left out';
  const names = authors.flatMap(({ name, login }) => (login === undefined ? [name] : [name, login]));
  if (names.some((name) => excludeAuthors.some(same(name)))) return 'author left out';
  if (labels.length > 0 && !pull?.labels.some((label) => labels.some(same(label))))
    return 'without the label';
  return undefined;
}
