import { resolve } from 'node:path';
import { describeProblems, type Problem } from '../shared/config/problem.js';
import { readArguments } from './arguments.js';
import { problemsAcross } from './check/across.js';
import { deliveriesOf, handedTo } from './check/deliveries.js';
import { findFiles, type Found, type Kind } from './check/files.js';
import { readCriteria, readPolicy, trafficProblems } from './check/read.js';
import { suiteProblems } from './check/suite.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const usage = `usage: devops-actions check [FOLDER] [--var NAME …]

Reads every file of the suite in a repository, offline, and says everything that is wrong with it: traffic files
(.github/traffic/ENVIRONMENT.yml), the release policy (.github/release-policy.yml), rollback criteria
(.github/rollback.yml), smoke suites (.github/smoke.yml, .github/smoke-SERVICE.yml), and other files below .github
whose first comment names one of their schemas. Also what no file shows alone: an environment without traffic or
gates, a required check that no workflow makes, a secret or variable of the suite that the caller does not pass, a
suite of a service that nothing releases, a deploy script that is not there. Sends nothing and asks nobody.

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
    const problems = [
      ...files.filter(({ isLink }) => isLink).map(linkProblem),
      ...(await problemsOf(
        root,
        files.filter(({ isLink }) => !isLink),
        given.all('var'),
        shell,
      )),
    ];
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
      return exitCodes.pass;
    }
    shell.out(`\n${describeProblems(problems)}`);
    return exitCodes.fail;
  },
};

const linkProblem = ({ path }: Found): Problem => ({
  file: path,
  path: 'the whole file',
  got: 'a symbolic link',
  allowed: 'a file: of a link, GitHub gives the name of its target for what it holds',
  fix: `cp --remove-destination "$(readlink -f ${path})" ${path}`,
});

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
};

async function problemsOf(
  root: string,
  files: readonly Found[],
  passed: readonly string[],
  shell: Shell,
): Promise<Problem[]> {
  const deliveries = await deliveriesOf(root);
  // The delivery workflows pass the schema that deploy/build names.
  const variables = [...passed, ...(deliveries.length > 0 ? ['schema'] : [])];
  const suites = files.filter(({ kind }) => kind === 'suite').map(({ path }) => path);
  const of = (kind: Kind) => files.filter((found) => found.kind === kind);
  const policies = of('policy').map(readPolicy);
  const criteria = of('rollback').map(readCriteria);
  const alone = [
    ...(await Promise.all(of('traffic').map(trafficProblems))).flat(),
    ...[...policies, ...criteria].flatMap((read) => (read.ok ? [] : read.problems)),
    ...(
      await Promise.all(
        suites.map((path) =>
          suiteProblems(root, path, { variables, handed: handedTo(path, deliveries, suites) }, shell),
        ),
      )
    ).flat(),
  ];
  const [policy] = policies.flatMap((read) => (read.ok ? [read.file] : []));
  const [rules] = criteria.flatMap((read) => (read.ok ? [read.file] : []));
  const traffic = of('traffic').flatMap(
    ({ path }) => /^\.github\/traffic\/([^/]+)\.ya?ml$/.exec(path)?.[1] ?? [],
  );
  return [
    ...alone,
    ...(await problemsAcross(root, { policy, criteria: rules, traffic, suites, deliveries })),
  ];
}
