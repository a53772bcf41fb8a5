import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeProblems } from '../shared/config/problem.js';
import { readPolicy, type PolicyFile } from './check/read.js';
import { readArguments, type Arguments } from './arguments.js';
import { channels, places, routers, shapes, yours, type Answers } from './init/answers.js';
import { checkInit, stepsOf, writeProposal } from './init/check.js';
import { lockOf, readDisk, write } from './init/disk.js';
import { githubSteps } from './init/protection/github-steps.js';
import { lockPath } from './init/lock.js';
import { wholeText, type Step } from './init/plan.js';
import { lockAfter } from './init/proposal.js';
import { policyPath } from './init/policy.js';
import { answersOf } from './init/asking/known.js';
import { partLines } from './init/parts/parts.js';
import { readTemplates, suiteFacts, suiteRoot } from './init/source.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const values = [
  'suite',
  'ref',
  'version',
  'repository',
  'service',
  'environments',
  'place',
  'router',
  'notify',
  'owners',
  'policy',
  'shape',
  'runner',
  'branch',
  'ci',
  'job',
  'with',
  'without',
  'python',
  'node',
  'terraform',
  'set',
  'proposal',
];

const usage = `usage: devops-actions init [FOLDER] [--OPTION VALUE …] [--yes] [--force] [--dry-run]
       devops-actions init --check [FOLDER] [--offline]

Writes what a repository needs to release with this suite: workflows, release policy, traffic files, smoke suite,
rollback criteria, deploy scripts, owners, rules of the release branch. Shows first what it will write. Then prints
what is left to do on GitHub, as commands. What was not given is asked for, where somebody is at the terminal; a second
run takes the answers of the first from ${lockPath}.

  --repository OWNER/NAME    your repository; default: the one that git calls origin
  --suite OWNER/NAME         repository of the suite, --ref COMMIT its full commit, --version VERSION what that is;
                             default: what this runs from
  --service NAME             what is released; may be repeated
  --environments A,B         one to three, the users' last; default: staging,production
  --place PLACE              where it runs: ${places.join(', ')}
  --router ROUTER            ${routers.join(', ')}
  --notify CHANNEL           ${channels.join(', ')}; may be repeated; none: nobody is told, the default
  --owners @ORG/TEAM         who owns these files and approves releases to the users; may be repeated
  --policy NAME              a policy of the suite; default: standard
  --shape SHAPE              ${shapes.join(' or ')}: call the workflows of the suite, or copy them whole (for GitHub
                             Enterprise Server, and for own runners); default: caller
  --runner LABEL             runs-on of the copies; may be repeated
  --branch NAME              what is released from; default: main
  --ci FILE --job NAME       the workflow and its jobs that must be green; default: .github/workflows/ci.yml, test
  --with PART                what is switched on beside delivery, watch and rollback; may be repeated, or with commas.
                             --without PART switches it off again. There are:
${partLines()
  .map((line) => `  ${line}`)
  .join('\n')}
  --python, --node, --terraform FOLDER   where such a project is; default: the only folder that has one
  --set WORKFLOW.INPUT=VALUE an input of a workflow that the suite writes, such as hotfix.target-minutes=30; may be
                             repeated, and stays. Without =VALUE it is as the suite has it again
  --yes                      write without asking; --force also over files that somebody changed
  --dry-run                  show what would be written and the commands for GitHub; write nothing
  --check                    compare what is there with what this version writes, and ask GitHub (with GH_TOKEN) for
                             settings that let somebody around the gate; --offline leaves GitHub out
  --proposal FILE            with --check: write to FILE what this version (--ref, --version) would write, for the
                             action fleet-update; ends with 0 when it is written, and asks GitHub nothing

Exit codes: 0 all is there; 1 a file was kept that init would write otherwise, or --check found something; 2 nothing
was done.`;

/** `init`: writes the files of the suite into a repository. */
export const init: Command = {
  summary: 'writes the files a repository needs to release with this suite',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values, flags: ['yes', 'force', 'dry-run', 'check', 'offline'] });
    const [folder = '.', ...more] = given.positionals;
    if (more.length > 0) throw new UsageError('Name one folder to write to.');
    const root = resolve(shell.cwd, folder);
    if (!existsSync(root)) throw new UsageError(`${folder} is not there.`);
    const suite = suiteRoot();
    const templates = readTemplates(suite);
    const lock = lockOf(root);
    if (given.flag('check')) {
      const policy = (steps: readonly Step[]) => policyOf(root, steps, shell);
      const proposal = given.one('proposal');
      if (proposal !== undefined)
        return writeProposal(
          { root, lock, templates, file: resolve(shell.cwd, proposal) },
          newest(given, suite),
          shell,
        );
      return checkInit({ root, lock, templates, policy, offline: given.flag('offline') }, shell);
    }
    const answers = await answersOf(given, {
      root,
      suite,
      templates,
      lock,
      policies: Object.keys(templates.policies),
      shell,
    });
    if (!answers) return exitCodes.error;
    const steps = stepsOf(root, answers, templates, lock);
    const forced = given.flag('force');
    const writes = steps.filter(({ is }) => is === 'new' || is === 'update' || (is === 'conflict' && forced));
    const next = lockAfter(answers, steps, writes, lock);
    show(steps, forced, shell);
    for (const path of Object.keys(lock?.files ?? {}))
      if (!steps.some((step) => step.path === path))
        shell.out(`not ours ${path}: init wrote it once and no longer does; remove it if nothing needs it`);
    if (given.flag('dry-run')) {
      tellGitHub(answers, policyOf(root, steps, shell), shell);
      return exitCodes.pass;
    }
    const isDone = writes.length === 0 && readDisk(root, lockPath)?.text === next;
    if (isDone) {
      shell.out(nothingToWrite(steps));
      return steps.some(({ is }) => is === 'conflict') ? exitCodes.fail : exitCodes.pass;
    }
    if (!given.flag('yes') && !(await agreed(writes.length, shell))) return exitCodes.error;
    for (const step of writes) write(root, step.path, wholeText(step), step.executable);
    write(root, lockPath, next);
    shell.out(`\nWrote ${writes.length === 1 ? '1 file' : `${writes.length} files`} and ${lockPath}.`);
    tellYours(root, steps, shell);
    tellGitHub(answers, policyOf(root, steps, shell), shell);
    shell.out('\nThen: check, commit, push.');
    const kept = steps.some(({ is }) => is === 'conflict') && !forced;
    return kept ? exitCodes.fail : exitCodes.pass;
  },
};

/** The version that runs, as its clone knows it or somebody says. */
function newest(given: Arguments, suite: string) {
  const facts = suiteFacts(suite);
  return { ref: given.one('ref') ?? facts.ref, version: given.one('version') ?? facts.version };
}

const words: Readonly<Record<Step['is'], string>> = {
  new: 'write   ',
  update: 'update  ',
  same: 'as it is',
  edited: 'yours   ',
  conflict: 'KEPT    ',
};

function show(steps: readonly Step[], forced: boolean, { out }: Shell): void {
  for (const { path, is, part } of steps)
    out(`${is === 'conflict' && forced ? 'REPLACE ' : words[is]} ${path}${part ? ' (a part of it)' : ''}`);
  const kept = steps.filter(({ is }) => is === 'conflict');
  if (kept.length > 0 && !forced)
    out(
      `\nKEPT: somebody wrote or changed ${kept.length === 1 ? 'this file' : 'these files'}, and init would write something else. --force replaces them; commit first.`,
    );
}

function nothingToWrite(steps: readonly Step[]): string {
  const edited = steps.filter(({ is }) => is === 'edited').length;
  const all = `${steps.length} files`;
  return `\nNothing to write: all ${all} are there${edited > 0 ? `, ${edited} of them with changes of yours` : ''}.`;
}

async function agreed(count: number, shell: Shell): Promise<boolean> {
  if (!shell.ask) {
    shell.err('Nothing was written: say --yes to write this.');
    return false;
  }
  const answer = await shell.ask(`\nWrite ${count === 1 ? 'this file' : `these ${count} files`}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return true;
  shell.err('Nothing was written.');
  return false;
}

/** The policy as it stands, changes of the team among it; as init writes it, where there is none that can be read. */
function policyOf(root: string, steps: readonly Step[], { err }: Shell): PolicyFile {
  const path = policyPath;
  const found = readDisk(root, path);
  const read = found && readPolicy({ path, text: found.text });
  if (read?.ok) return read.file.value;
  if (read) err(`\n${describeProblems(read.problems)}\nWhat follows is by the policy that init writes.`);
  const made = readPolicy({ path, text: steps.find((step) => step.path === path)!.text });
  if (!made.ok) throw new Error(describeProblems(made.problems));
  return made.file.value;
}

/** What init could not know, by line. */
function tellYours(root: string, steps: readonly Step[], { out }: Shell): void {
  out('\nStill yours, marked in the files:');
  for (const { path } of steps) {
    const lines = readDisk(root, path)?.text.split('\n') ?? [];
    for (const [index, line] of lines.entries())
      if (line.includes(yours)) out(`  ${path}:${index + 1}: ${line.trim()}`);
  }
}

/** What only somebody with the right to it can do. */
function tellGitHub(answers: Answers, policy: PolicyFile, { out }: Shell): void {
  out('\nStill to be done on GitHub, by somebody who administers the repository:');
  for (const { title, lines } of githubSteps(answers, policy)) out(`\n# ${title}\n${lines.join('\n')}`);
}
