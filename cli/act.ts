import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readArguments } from './arguments.js';
import { forAct, type Difference } from './act/transform.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const workflows = '.github/workflows';

const usage = `usage: devops-actions act TREE TARGET --suite OWNER/NAME@REF

Copies a repository, or the tree of a release, to TARGET with workflows that act (nektosact.com) can run: "deployment"
and "queue" are dropped, and actions that a workflow names by "$/" are named by --suite. Says for each workflow, by
line, what act will do otherwise than GitHub.

  --suite OWNER/NAME@REF   what "$/" stands for, as the calling workflow names it; such as org/devops-actions@v1

Then: act EVENT -P ubuntu-24.04=-self-hosted --local-repository OWNER/NAME@REF=TARGET

Exit codes: 0 written; 2 nothing was done.`;

/** `act`: workflows of the suite for another runner. */
export const act: Command = {
  summary: 'copies a tree with workflows that act can run, and says what act does otherwise',
  usage,
  run(args, shell) {
    const given = readArguments(args, { values: ['suite'], flags: [] });
    const [tree, target, ...more] = given.positionals;
    if (tree === undefined || target === undefined || more.length > 0)
      throw new UsageError('Name the folder to copy, and the one to write.');
    const suite = given.one('suite');
    if (suite === undefined || !/^[\w.-]+\/[\w.-]+@[\w./-]+$/.test(suite))
      throw new UsageError('--suite is missing, or is not OWNER/NAME@REF, such as org/devops-actions@v1.');
    const [from, to] = [resolve(shell.cwd, tree), resolve(shell.cwd, target)];
    if (!existsSync(join(from, workflows))) throw new UsageError(`${tree} has no ${workflows}.`);
    if (existsSync(to) && readdirSync(to).length > 0)
      throw new UsageError(`${target} is not empty; name a folder that is not there.`);
    cpSync(from, to, { recursive: true, filter: (path) => !/[/\\](\.git|node_modules)$/.test(path) });
    for (const name of readdirSync(join(to, workflows)).filter((file) => /\.ya?ml$/.test(file))) {
      const path = join(to, workflows, name);
      const { text, differences } = forAct(readFileSync(path, 'utf8'), suite);
      writeFileSync(path, text);
      tell(`${workflows}/${name}`, differences, shell);
    }
    shell.out(
      `\nThen: act EVENT -P ubuntu-24.04=-self-hosted --local-repository ${suite}=${to}\nWhat act does not do is not tested by it: approvals, the token's permissions, queues, Deployments.`,
    );
    return Promise.resolve(exitCodes.pass);
  },
};

/** Each difference once, with all its lines. */
function tell(path: string, differences: readonly Difference[], { out }: Shell): void {
  out(differences.length === 0 ? `${path}: as on GitHub` : `${path}:`);
  for (const what of new Set(differences.map((one) => one.what))) {
    const lines = differences.filter((one) => one.what === what).map(({ line }) => line);
    out(`  line ${lines.join(', ')}: ${what}`);
  }
}
