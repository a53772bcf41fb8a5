import { resolve } from 'node:path';
import { readArguments, type Arguments } from './arguments.js';
import { examine, type Asked } from './doctor/examine.js';
import { table } from './doctor/line.js';
import { lockOf } from './init/disk.js';
import { laptopHost } from './laptop/laptop-host.js';
import { findToken } from './laptop/repository.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const usage = `usage: devops-actions doctor [FOLDER] --environment NAME [--service NAME] [--OPTION VALUE …] [--offline]

Run it where a release will run: on that runner, with the token of its job. Asks everything that a switch asks before
it begins, moves nothing, and prints one table: each node of the router, its files and rights, both colours with their
identity, the public entry, the sources of the rollback criteria, the rights of the token, the clock, the protection of
the environments, the lock. Each line that is wrong has its fix.

  --environment NAME   where the release would go
  --service NAME       default: the only one that init knows
  --traffic FILE       default: .github/traffic/ENVIRONMENT.yml
  --criteria FILE      default: .github/rollback.yml
  --repository O/NAME  default: GITHUB_REPOSITORY, or the one that init knows
  --offline            leaves GitHub out; its lines are then not looked at

The token comes from $GH_TOKEN, else from $GITHUB_TOKEN. What cannot be known is UNKNOWN, and not right.

Exit codes: 0 everything is right; 1 something is not, or is unknown; 2 the command line is wrong.`;

/** `doctor`: whether a release could begin here and now. */
export const doctor: Command = {
  summary: 'asks router, colours, entry, metrics and GitHub whether a release could begin here',
  usage,
  async run(args, shell) {
    const given = readArguments(args, {
      values: ['environment', 'service', 'traffic', 'criteria', 'repository'],
      flags: ['offline'],
    });
    const [folder = '.', ...more] = given.positionals;
    if (more.length > 0) throw new UsageError('Name one folder.');
    const root = resolve(shell.cwd, folder);
    const asked = askedOf(given, root, shell);
    const host = laptopHost({ ...shell, cwd: root }, () => undefined);
    if (asked.github?.token !== undefined) host.mask(asked.github.token);
    try {
      const { lines, message, result } = await examine(host, asked);
      shell.out(host.secrets.redact(table(lines)));
      shell.out(`\n${message}`);
      return result === 'ready' ? exitCodes.pass : exitCodes.fail;
    } finally {
      host.close();
    }
  },
};

function askedOf(given: Arguments, root: string, shell: Shell): Asked {
  const known = lockOf(root)?.answers;
  const environment = given.one('environment');
  if (environment === undefined)
    throw new UsageError('--environment is missing: name where the release would go.');
  const several = known && known.services.length > 1;
  const service = given.one('service') ?? (several ? undefined : known?.services[0]);
  if (service === undefined)
    throw new UsageError(
      `--service is missing: ${several ? `init knows ${known.services.join(', ')}` : 'name what is released'}.`,
    );
  return {
    environment,
    service,
    traffic: given.one('traffic') ?? `.github/traffic/${environment}.yml`,
    criteria: given.one('criteria') ?? '.github/rollback.yml',
    github: given.flag('offline')
      ? undefined
      : {
          repository: given.one('repository') ?? (shell.env['GITHUB_REPOSITORY'] || known?.repository),
          token: findToken(shell)?.token,
          apiUrl: shell.env['GITHUB_API_URL'] || 'https://api.github.com',
        },
  };
}
