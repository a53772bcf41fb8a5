import { resolve } from 'node:path';
import { readArguments } from '../../../cli/arguments.js';
import { UsageError } from '../../../cli/shell.js';
import { suggest } from '../../../shared/text/suggest.js';
import { routerChoices, type RouterChoice } from '../routers/entry-plan.js';

export const usage = `Usage: npm run rehearse -- [options]

Plays a whole release story on this machine: a shop under load, a stand-in for GitHub, and the workflows
as they are published. It takes about a minute and needs git. Nothing leaves this machine.

  --router ROUTER  what moves the traffic; default embedded, which needs nothing installed
                   ${routerChoices.join(' | ')}
                   haproxy and nginx must be installed; caddy is built from source the first time, which takes
                   minutes and Go, and is kept in .cache/
  --node PATH      the Node that runs the actions; default: the one that runs this
  --dir DIR        where everything is written; default .rehearsal, or .rehearsal-2 and so on while another
                   rehearsal uses that
  --json           print the result as JSON; the story goes to standard error
  --verbose        print every line of every step
  --help           print this text

Exit code: 0 when everything was as expected, 1 when not, 2 when the rehearsal could not start.`;

export interface Wishes {
  help: boolean;
  json: boolean;
  verbose: boolean;
  router: RouterChoice;
  /** As given: a path, or a name on the PATH; undefined for the Node that runs this. */
  node: string | undefined;
  /** Absolute; undefined for the default folder or the next free one. */
  dir: string | undefined;
}

/** Reads the command line; `cwd` is where relative paths start. Throws UsageError with all that is wrong with it. */
export function readWishes(args: readonly string[], cwd: string): Wishes {
  const given = readArguments(
    args.map((arg) => (arg === '-h' ? '--help' : arg)),
    { values: ['router', 'node', 'dir'], flags: ['json', 'verbose', 'help'] },
  );
  const name = given.one('router') ?? 'embedded';
  const router = routerChoices.find((choice) => choice === name);
  const problems = [
    ...given.positionals.map((word) => {
      const meant = routerChoices.some((choice) => choice === word)
        ? `, did you mean --router ${word}?`
        : '.';
      return `"${word}" is not an option${meant}`;
    }),
    ...(router ? [] : [unknownRouter(name)]),
  ];
  if (!router || problems.length > 0) throw new UsageError(problems.join('\n'));
  const node = given.one('node');
  const dir = given.one('dir');
  return {
    help: given.flag('help'),
    json: given.flag('json'),
    verbose: given.flag('verbose'),
    router,
    node: node?.includes('/') ? resolve(cwd, node) : node,
    dir: dir === undefined ? undefined : resolve(cwd, dir),
  };
}

function unknownRouter(name: string): string {
  const near = suggest(name, routerChoices);
  const allowed = `allowed: ${routerChoices.join(', ')}`;
  return `--router ${name} is unknown${near ? `, did you mean ${near}?` : ''} (${allowed}).`;
}
