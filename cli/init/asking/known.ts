import { UsageError, type Shell } from '../../shell.js';
import type { Arguments } from '../../arguments.js';
import { readAnswers, type Given } from '../answers.js';
import { git, githubName } from '../disk.js';
import type { Lock } from '../lock.js';
import { foundProject } from '../parts/found.js';
import { partNames, type PartName } from '../parts/names.js';
import { mergeSettings, partProblems, sameNames } from '../parts/problems.js';
import { suiteFacts } from '../source.js';
import { workflowNames, type Templates } from '../workflow.js';
import { ciJobs, ciProblems } from './ci-jobs.js';
import { askRest } from './questions.js';

interface Known {
  root: string;
  suite: string;
  templates: Templates;
  lock: Lock | undefined;
  policies: readonly string[];
  shell: Shell;
}

/** What was given, then what the last run was told, then what git knows, then what somebody says. */
export async function answersOf(given: Arguments, { root, suite, templates, lock, policies, shell }: Known) {
  const before = lock ? givenOf(lock.answers) : () => [];
  const facts = suiteFacts(suite);
  const found: Readonly<Record<string, () => string | undefined>> = {
    repository: () => githubName(git(root, 'remote', 'get-url', 'origin')),
    // A published tree says its own name.
    suite: () => facts.repository ?? (templates.suite === 'org/devops-actions' ? undefined : templates.suite),
    ref: () => facts.ref,
    version: () => facts.version,
    python: () => foundProject(root, 'python'),
    node: () => foundProject(root, 'node'),
    terraform: () => foundProject(root, 'terraform'),
  };
  const known: Given = (option) => {
    // What is switched on, and what was set, stays until somebody takes it back.
    if (option === 'with') return switched(before('with'), given);
    if (option === 'set') return mergeSettings(before('set'), given.all('set'));
    const own = given.all(option);
    if (own.length > 0) return own;
    const earlier = before(option);
    if (earlier.length > 0 || lock) return earlier;
    const usual = found[option]?.();
    return usual === undefined ? [] : [usual];
  };
  const asked =
    shell.ask && !lock && !given.flag('yes')
      ? await askRest(known, { policies, ciJobs: ciJobs(root, ciOf(known)) }, shell.ask)
      : known;
  if (!asked) {
    shell.err('Nothing was written.');
    return undefined;
  }
  const read = readAnswers(asked, policies);
  if (!read.ok) throw new UsageError(read.problems.join('\n'));
  const { answers } = read;
  // What init wrote makes the checks; that of the team may change after they were named.
  const isAnswered = !lock || given.all('ci').length + given.all('job').length > 0;
  const made =
    isAnswered && !Object.hasOwn(lock?.files ?? {}, answers.ci) ? ciJobs(root, answers.ci) : undefined;
  const problems = [
    ...(made ? ciProblems(answers, made) : []),
    ...partProblems(answers, templates, workflowNames(answers, templates)),
    ...sameNames(answers),
  ];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return answers;
}

/** Parts of before and of now, without those that are switched off. */
function switched(before: readonly string[], given: Arguments): string[] {
  const listed = (option: string) =>
    given.all(option).flatMap((text) => text.split(',').map((name) => name.trim()));
  const off = listed('without');
  const strange = off.filter((name) => !partNames.includes(name as PartName));
  if (strange.length > 0)
    throw new UsageError(`--without ${strange.join(', ')}: expected one of ${partNames.join(', ')}.`);
  return [...new Set([...(listed('with').includes('none') ? [] : before), ...listed('with')])].filter(
    (name) => !off.includes(name),
  );
}

const ciOf = (known: Given) => known('ci')[0] ?? '.github/workflows/ci.yml';

/** Answers as the options that give them. */
const givenOf =
  ({ suite, ...answers }: Lock['answers']): Given =>
  (option) => {
    const own: Readonly<Record<string, string | readonly string[]>> = {
      ...answers,
      suite: suite.repository,
      ref: suite.ref,
      version: suite.version,
      service: answers.services,
      job: answers.checks,
      with: answers.parts,
      set: answers.settings,
    };
    const value = Object.hasOwn(own, option) ? own[option]! : [];
    return typeof value === 'string' ? [value].filter((text) => text !== '') : value;
  };
