import { hashOf, lockPath, readLock, type Lock } from '../../init/lock.js';
import { partIn } from '../../init/plan.js';
import type { Proposal } from '../../init/proposal.js';
import { isWorkflow, runsBeforeReview } from '../../init/protection/before-review.js';

/** A file as it stands on the default branch. */
export interface Standing {
  text: string;
  executable: boolean;
}

/** Folders that init writes into, and files of its own elsewhere. */
const folders = ['.github/', 'deploy/', 'ci/'];
const elsewhere = ['test/acceptance'];
const owners = '.github/CODEOWNERS';

/**
 * Why a proposal is not taken, a sentence each. It was made by a version of the suite that nobody here has reviewed, so
 * it is held to what init may do: its own folders, its own files, the answers of the team, and no workflow that does
 * more than read on the `branch` that nobody reviewed yet.
 */
export function refusalsOfProposal(
  { suite, files }: Proposal,
  lock: Lock,
  standing: ReadonlyMap<string, Standing>,
  branch: string,
): string[] {
  const next = files.find(({ path }) => path === lockPath);
  return [
    ...(suite.repository === lock.answers.suite.repository
      ? []
      : [`it comes from ${suite.repository}, and ${lockPath} names ${lock.answers.suite.repository}`]),
    ...(next ? answerRefusals(next.text, suite, lock) : []),
    ...files.flatMap(({ path, text }, index) => [
      ...(isOwn(path)
        ? []
        : [
            `${path} is no file that init writes: it writes below ${folders.join(', ')}, and ${elsewhere.join(', ')}`,
          ]),
      ...(files.findIndex((other) => other.path === path) === index ? [] : [`${path} stands in it twice`]),
      ...(path === lockPath ? [] : overwritten(path, text, lock, standing.get(path))),
      ...(isWorkflow(path) ? unreviewed(path, text, branch) : []),
    ]),
  ];
}

const isOwn = (path: string) =>
  (elsewhere.includes(path) || folders.some((folder) => path.startsWith(folder))) &&
  path.split('/').every((part) => /^[\w.-]+$/.test(part) && part !== '.' && part !== '..' && part !== '.git');

function unreviewed(path: string, text: string, branch: string): string[] {
  const why = runsBeforeReview(text, branch);
  return why === undefined ? [] : [`${path} ${why}`];
}

function answerRefusals(text: string, suite: Proposal['suite'], lock: Lock): string[] {
  const read = readLock(text);
  if (!read.ok) return [`its ${lockPath} cannot be read`];
  const { answers } = read.value;
  const same = JSON.stringify({ ...answers, suite }) === JSON.stringify({ ...lock.answers, suite });
  if (same && JSON.stringify(answers.suite) === JSON.stringify(suite)) return [];
  return [`its ${lockPath} changes more than the version of the suite`];
}

/** Nothing that somebody changed since init wrote it is written over. */
function overwritten(path: string, text: string, lock: Lock, found: Standing | undefined): string[] {
  if (!found || found.text === text) return [];
  const isPart = path === owners;
  const mine = isPart ? partIn(found.text) : found.text;
  const others = (whole: string) => whole.replace(partIn(whole) ?? '', '').trim();
  if (isPart && others(found.text) !== others(text))
    return [`${path} has lines of the team, and it would change them`];
  const written = Object.hasOwn(lock.files, path) ? lock.files[path] : undefined;
  if (mine === undefined || written === hashOf(mine)) return [];
  return [`somebody wrote or changed ${path} since init wrote it, and it would write over that`];
}
