import { resolve } from 'node:path';
import { describeProblems } from '../shared/config/problem.js';
import { readArguments } from './arguments.js';
import { findFiles, type Found, type Kind } from './check/files.js';
import { unfilledIn } from './check/parts/unfilled.js';
import { problemsOf } from './check/problems.js';
import { exitCodes, UsageError, type Command } from './shell.js';

const usage = `usage: devops-actions check [FOLDER] [--var NAME …]

Reads every file of the suite in a repository, offline, and says everything that is wrong with it: traffic files
(.github/traffic/ENVIRONMENT.yml), the release policy (.github/release-policy.yml), rollback criteria
(.github/rollback.yml), smoke suites (.github/smoke.yml, .github/smoke-SERVICE.yml), incidents, migrations, go-live,
waivers, rulesets, and other files below .github whose first comment names one of their schemas. Also what no file shows alone: an environment without traffic or
gates, a required check that no workflow makes, a secret or variable of the suite that the caller does not pass, a
suite of a service that nothing releases, a deploy script that is not there, a hotfix workflow without its gate.
Sends nothing and asks nobody.

  --var NAME   a variable that the workflow passes to the smoke suite; may be repeated

Exit codes: 0 nothing is wrong; 1 something is; 2 there is nothing to check.`;

/** `check`: finds what is wrong in the suite's files of a repository. */
export const check: Command = {
  summary: 'finds what is wrong in the files of this suite in a repository, offline',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values: ['var'], flags: [] });
    const [folder = '.', ...more] = given.positionals;
    if (more.length > 0) throw new UsageError('Name one folder to check.');
    const root = resolve(shell.cwd, folder);
    const files = await findFiles(root);
    if (files.length === 0)
      throw new UsageError(
        `${folder} has none of the suite's files below .github. Is it the root of a repository?`,
      );
    const problems = await problemsOf(root, files, given.all('var'), shell);
    for (const { path, kind } of files) {
      const own = problems.filter(({ file }) => file === path).length;
      shell.out(`${own === 0 ? 'ok  ' : 'WRONG'.padEnd(4)} ${path} (${words[kind]})`);
    }
    if (problems.length === 0) {
      shell.out(`Nothing is wrong in ${files.length} ${files.length === 1 ? 'file' : 'files'}.`);
      const left = files.flatMap(examplesIn);
      if (left.length > 0)
        shell.out(`\nBut these lines still name an example, where your own address belongs:`);
      for (const line of left) shell.out(`  ${line}`);
      const stubs = await unfilledIn(root);
      if (stubs.length > 0)
        shell.out(
          '\nBut these lines fail until you write what they do, and so do the workflows that run them:',
        );
      for (const line of stubs) shell.out(`  ${line}`);
      return exitCodes.pass;
    }
    shell.out(`\n${describeProblems(problems)}`);
    return exitCodes.fail;
  },
};

/** Addresses that nobody can have (RFC 2606), outside of comments: of init, or of a page that was copied. */
const examplesIn = ({ path, text }: Found): string[] =>
  text
    .split('\n')
    .flatMap((line, index) =>
      /\bexample\.(com|net|org)\b/.test(line.replace(/(^|\s)#.*/, ''))
        ? [`${path}:${index + 1}: ${line.trim()}`]
        : [],
    );

const words: Readonly<Record<Kind, string>> = {
  traffic: 'traffic',
  policy: 'release policy',
  rollback: 'rollback criteria',
  suite: 'smoke suite',
  incidents: 'incidents',
  'go-live': 'go-live',
  migrations: 'migrations',
  waivers: 'waivers',
  ruleset: 'rules of GitHub',
};
