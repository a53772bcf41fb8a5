import { bringing, type Head } from '../../evidence/tested/head.js';
import type { MergeGroups } from '../../evidence/tested/merge-groups.js';
import type { Seen, WorkflowRunEvidence } from '../../evidence/tested/seen.js';
import { shortSha } from '../../gate/gate.js';
import type { CheckRequirement } from './check-requirement.js';

/** A commit on which checks count. */
export interface Place {
  /** In the middle of a sentence. */
  name: string;
  sha: string;
  seen: Seen;
  evidence: { text: string; url: string }[];
  /** What was seen and not counted. */
  notes: string[];
  /** Of the runs for one event those that decide, each the newest of its kind. */
  deciding(runs: readonly WorkflowRunEvidence[]): WorkflowRunEvidence[];
  /** Why a run on it does not count. */
  doubt(run: WorkflowRunEvidence): string | undefined;
}

/** What is known of the commits on which checks may stand. */
export interface Places {
  checks?: Seen | undefined;
  head?: Head | undefined;
  mergeGroups?: MergeGroups | undefined;
}

type Pull = Head['pulls'][number];

const nothing = () => undefined;

/** The newest by number: texts and clocks order run 1000 before run 999. */
const newestOf = (runs: readonly WorkflowRunEvidence[]): WorkflowRunEvidence[] =>
  runs.length === 0 ? [] : [runs.reduce((a, b) => (b.number > a.number ? b : a))];

/**
 * Whoever pushes a branch or tag onto a commit starts another run on it, which may skip what is done for the default
 * branch alone. So that branch decides; where it has no run, the newest of each branch.
 */
const byBranch =
  (defaultBranch: string | undefined) =>
  (runs: readonly WorkflowRunEvidence[]): WorkflowRunEvidence[] => {
    const own = runs.filter(({ branch }) => branch !== undefined && branch === defaultBranch);
    if (own.length > 0) return newestOf(own);
    return [...new Set(runs.map(({ branch }) => branch))].flatMap((name) =>
      newestOf(runs.filter(({ branch }) => branch === name)),
    );
  };

/** A run for a branch of another repository is none of the pull request's: anybody may start one from a fork. */
const ofRepository =
  (repository: string | null) =>
  (runs: readonly WorkflowRunEvidence[]): WorkflowRunEvidence[] => {
    const own = runs.filter((run) => run.repository === repository);
    return newestOf(own.length > 0 ? own : runs);
  };

/** Where a check has to stand, or why there is no such commit. Pure. */
export function placeOf(entry: CheckRequirement, places: Places, sha: string): Place | { refused: string } {
  if (entry.on === 'pull-request') return headPlace(entry, places.head, sha);
  if (!places.checks) return { refused: 'the checks of this commit were not looked up' };
  const commit = {
    name: 'this commit',
    sha,
    seen: places.checks,
    evidence: [],
    notes: [],
    deciding: byBranch(places.checks.defaultBranch),
    doubt: nothing,
  };
  if (entry.on === 'commit') return commit;
  return entry.from === 'workflow' ? groupPlace(entry.workflow, commit, places.mergeGroups) : commit;
}

/**
 * The merge group's commit: a queue puts it on the branch as it is. Another one counts where all its files are the
 * released ones, the workflow among them.
 */
function groupPlace(workflow: string, commit: Place, groups: MergeGroups | undefined): Place {
  const own = { ...commit, name: 'a merge group of this commit or of its files' };
  const found = groups?.workflows.find((one) => one.workflow === workflow)?.run;
  if (!found || found.tree !== groups?.tree) return own;
  return {
    ...own,
    name: `the merge group ${shortSha(found.headSha)}, which has the files of this commit`,
    sha: found.headSha,
    seen: { ...commit.seen, runs: [found] },
  };
}

/**
 * The head of the one pull request that brought the commit. It counts where its files are the released ones: a pull
 * request that was behind its branch was tested as something else.
 */
function headPlace(
  { into }: CheckRequirement,
  found: Head | undefined,
  sha: string,
): Place | { refused: string } {
  if (!found) return { refused: 'the pull request of this commit was not looked up' };
  const { found: pulls, others } = bringing(sha, found, into);
  const [pull, ...more] = pulls;
  if (!pull) {
    const inside = found.pulls.map(({ number }) => `#${number}`).join(', ');
    return {
      refused: inside
        ? `this commit is in ${inside}, and neither its merge nor its last commit. Release the merge, or ask for the check on: commit`
        : 'this commit came by no pull request. Bring it by one, or ask for the check on: commit',
    };
  }
  if (more.length > 0)
    return {
      refused: `${pulls.map(({ number }) => `#${number}`).join(', ')} all brought this commit, so it is not known whose checks are its own`,
    };
  const name = `the head of #${pull.number}`;
  const wanted = into ?? found.defaultBranch;
  if (pull.into !== wanted)
    return {
      refused: `#${pull.number} goes into ${pull.into}, and pull requests into ${wanted} count. If that is the branch to protect, add  into: ${pull.into}`,
    };
  const head = [found.head, ...(found.more ?? [])].find(
    (one) => one && (one.pull ?? pull.number) === pull.number,
  );
  if (!head) return { refused: `${name} was not looked up` };
  if (head.tree !== found.tree)
    return {
      refused: `${name} (${shortSha(pull.head.sha)}) has other files than the released commit: ${pull.into} had moved on before it was merged. Require branches to be up to date before merging, or use a merge queue and  on: merge-group`,
    };
  return {
    name,
    sha: pull.head.sha,
    seen: head.seen,
    evidence: [{ text: `#${pull.number}`, url: pull.url }],
    notes: others.map((other) => `not counted: ${describeOther(other, pull)}`),
    deciding: ofRepository(pull.head.repository),
    doubt: (run) => doubtRun(run, pull, head),
  };
}

/** Why another pull request of the same commit is not asked. */
function describeOther(other: Pull, pull: Pull): string {
  const from =
    other.head.repository === pull.head.repository
      ? ''
      : ` from ${other.head.repository ?? 'a fork that is gone'}`;
  const what = `#${other.number} (${other.state}, into ${other.into}${from}) has this commit too`;
  return `${what}, and #${pull.number} (${pull.state}, into ${pull.into}) brought it`;
}

/** Runs may begin that long after what starts them. Milliseconds. */
const lag = 3_600_000;

/**
 * GitHub runs a pull request's workflow as it stands in the merge with the branch that it goes into, and tells of a run
 * neither that branch nor the pull request. So at that time no pull request of the head may have gone into another
 * branch, whose workflow may be anybody's.
 */
function doubtRun(
  run: WorkflowRunEvidence,
  pull: Pull,
  { rivals, rivalsSince }: NonNullable<Head['head']>,
): string | undefined {
  // The others, such as pull_request_target, take the workflow of that branch too, or did until lately.
  if (!run.event.startsWith('pull_request')) return undefined;
  const { branch, repository } = pull.head;
  const began = run.createdAt;
  if (repository === null || began === undefined || run.branch !== branch || run.repository !== repository)
    return `it did not run for the branch of #${pull.number}`;
  const within = (from: number, to: number | null) => from <= began && (to === null || began <= to + lag);
  if (pull.retargetedAt !== null && began <= pull.retargetedAt + lag)
    return `#${pull.number} went into another branch until less than an hour before it, or after. Push a commit`;
  const other = rivals.find(
    ({ into, retargetedAt, createdAt, closedAt }) =>
      (into !== pull.into || retargetedAt !== null) && within(createdAt, closedAt),
  );
  if (other)
    return `#${other.number} was open from the same branch into ${other.into}, and GitHub does not tell which of the two was tested. Close it, and push a commit an hour later`;
  if (rivalsSince !== null && began <= rivalsSince + lag)
    return `more pull requests come from ${branch} than are read`;
  return undefined;
}
