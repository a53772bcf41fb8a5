import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigurationError } from '../shared/config/problem.js';
import { openGitHub } from '../shared/github/client.js';
import { maskedVariable } from '../shared/runner/masked-variable.js';
import { openTraffic, type OpenTraffic } from '../shared/traffic/open-control.js';
import { readArguments, type Arguments } from './arguments.js';
import { readPolicy } from './check/read.js';
import { lookAtGitHub, type EnvironmentRules } from './doctor/github-lines.js';
import { note, problemLines, table, unknown, type Line } from './doctor/line.js';
import { lookAtMetrics } from './doctor/metrics-lines.js';
import { lookAtTraffic, type Looked } from './doctor/traffic-lines.js';
import { lockOf } from './init/disk.js';
import { policyPath } from './init/policy.js';
import { laptopHost, type LaptopHost } from './laptop-host.js';
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

The token is GH_TOKEN or GITHUB_TOKEN. What cannot be known is UNKNOWN, and not right.

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
    try {
      const lines = [
        ...(await trafficLines(host, root, asked, shell)),
        ...(await githubLines(root, asked, shell)),
      ];
      const bad = lines.filter(({ is }) => is === 'wrong' || is === 'unknown').length;
      shell.out(host.secrets.redact(table(lines)));
      shell.out(
        bad === 0
          ? `\nA release of ${asked.service} to ${asked.environment} could begin here.`
          : `\n${bad === 1 ? '1 line is' : `${bad} lines are`} not right: a release of ${asked.service} to ${asked.environment} would not go well.`,
      );
      return bad === 0 ? exitCodes.pass : exitCodes.fail;
    } finally {
      host.close();
    }
  },
};

interface Asked {
  environment: string;
  service: string;
  traffic: string;
  criteria: string;
  repository: string | undefined;
  offline: boolean;
}

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
    repository: given.one('repository') ?? shell.env['GITHUB_REPOSITORY'] ?? known?.repository,
    offline: given.flag('offline'),
  };
}

async function trafficLines(host: LaptopHost, root: string, asked: Asked, shell: Shell): Promise<Line[]> {
  const { environment, service, criteria } = asked;
  let traffic: OpenTraffic;
  try {
    traffic = await openTraffic(host, { trafficFile: asked.traffic });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return problemLines('traffic file', error.problems);
  }
  try {
    const { lines, live }: Looked = await lookAtTraffic(traffic, shell.clock);
    const variable = maskedVariable(host);
    const metrics = await lookAtMetrics(criteria, textAt(root, criteria), {
      ...{ traffic, live, environment, service, variable },
      clock: shell.clock,
    });
    return [...lines, ...metrics];
  } finally {
    traffic.http.close();
  }
}

async function githubLines(root: string, asked: Asked, shell: Shell): Promise<Line[]> {
  if (asked.offline)
    return [note('GitHub', 'not asked: token, clock, environments and lock were not looked at')];
  const token = shell.env['GH_TOKEN'] ?? shell.env['GITHUB_TOKEN'];
  if (!token)
    return [unknown('token', 'there is none', 'under "env:" of the step add  GH_TOKEN: ${{ github.token }}')];
  const [owner, repository] = asked.repository?.split('/') ?? [];
  if (!owner || !repository)
    return [unknown('token', 'the repository is not known', '--repository OWNER/NAME')];
  const github = await openGitHub({
    token,
    at: { owner, repository, apiUrl: shell.env['GITHUB_API_URL'] ?? 'https://api.github.com' },
    clock: shell.clock,
    random: shell.random,
  });
  return lookAtGitHub(github, { ...asked, rules: rulesOf(root, asked.environment) });
}

/** What the gate `environment` of the policy asks for; without it, what everybody should have but reviewers. */
function rulesOf(root: string, environment: string): EnvironmentRules {
  const text = textAt(root, policyPath);
  const read = text === undefined ? undefined : readPolicy({ path: policyPath, text });
  const gates = read?.ok ? read.file.value.environments[environment]?.gates : undefined;
  const { environment: rules } = (gates ?? {}) as { environment?: EnvironmentRules };
  return rules ?? { reviewers: false, 'admins-bypass': false };
}

const textAt = (root: string, path: string): string | undefined =>
  existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined;
