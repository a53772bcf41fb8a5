import { readWorkspaceFile } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { DoraFacts } from '../../shared/contracts/dora-facts.js';
import type { RepositoryFacts } from '../../shared/contracts/reports/dora-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { describeApart, readClock } from '../../shared/github/clock.js';
import type { Host } from '../../shared/runner/host.js';
import { readCache, type Cached } from './collect/cache.js';
import { gather } from './collect/gather.js';
import { readExport } from './collect/incidents/exported.js';
import { openClone } from './collect/open-clone.js';
import type { Inputs } from './inputs.js';
import { windowBefore, type Period } from './measure/period.js';

/** The largest cache, export or report that is read, in bytes. */
export const mostBytes = 200_000_000;

const nameOf = ({ context }: Host) => `${context.owner}/${context.repository}`;
const sameName = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** The repositories that are measured, as `owner/name`: this one where none was named. */
export function repositoriesOf({ repositories }: Inputs, host: Host): readonly string[] {
  return repositories.length > 0 ? repositories : [nameOf(host)];
}

/**
 * Now as GitHub has it, in epoch milliseconds: the window ends then, and all that is counted in it has GitHub's instants.
 * A runner's clock that is wrong is named. Throws GitHubError where GitHub does not answer.
 */
export async function githubTime(input: Inputs, host: Host): Promise<number> {
  const github = await open(input, host, repositoriesOf(input, host)[0]!);
  const now = await readClock(github);
  const apart = describeApart(github.ahead());
  if (apart !== undefined) host.log.warning(apart);
  return now;
}

function open(input: Inputs, { context, clock, random, signal }: Host, name: string) {
  const [owner, repository] = name.split('/') as [string, string];
  const token = input['github-token'];
  return openGitHub({ token, at: { ...context, owner, repository }, clock, random, signal });
}

/**
 * Reads every repository, one after the other. Throws with all that could not be read: figures of the others alone would
 * pass for those of all.
 */
export async function readAll(
  input: Inputs,
  host: Host,
  period: Period,
  now: number,
): Promise<RepositoryFacts[]> {
  const names = repositoriesOf(input, host);
  if (names.length === 1)
    return [{ repository: names[0]!, facts: await read(input, host, [period, now], names[0]!) }];
  refuseWithSeveral(input);
  const all: RepositoryFacts[] = [];
  const failed: string[] = [];
  for (const repository of names)
    try {
      all.push({ repository, facts: await read(input, host, [period, now], repository) });
    } catch (error) {
      host.signal.throwIfAborted();
      failed.push(`${repository}: ${error instanceof Error ? error.message : String(error)}`);
    }
  if (failed.length === 0) return all;
  throw new Error(
    `${failed.length} of ${names.length} repositories could not be read, and figures without them would not be those of all.\n` +
      `${failed.join('\n')}\n` +
      'Fix: pass as "github-token" the token of an App (or a person) that may read contents, deployments, issues and pull requests of each: github.token reads only its own repository, and public ones.',
  );
}

/** Inputs that belong to one repository. */
function refuseWithSeveral(input: Inputs): void {
  const found = (['cache', 'incident-exports'] as const).filter((name) => (input[name]?.length ?? 0) > 0);
  if (found.length === 0) return;
  throw new ConfigurationError(
    found.map((name) => ({
      file: 'inputs',
      path: name,
      got: [input[name]].flat().join(', '),
      allowed: 'nothing together with several "repositories": nothing in it says to which of them it belongs',
      fix: `leave out ${name}, or make a report of its own for the repository that it is of`,
    })),
  );
}

async function read(
  input: Inputs,
  host: Host,
  [period, now]: [Period, number],
  name: string,
): Promise<DoraFacts> {
  const { context, signal } = host;
  const { serverUrl, workspace } = context;
  const isHere = sameName(name, nameOf(host));
  const github = await open(input, host, name);
  const { owner, repository } = github;
  const cache = await openCache(input, host, name);
  return gather(github, {
    source: input['deployments-from'],
    environment: input.environment,
    services: input.services,
    from: input.compare ? windowBefore(period).from : period.from,
    to: period.to,
    writers: input['ledger-writers'],
    creators: input['deployment-creators'],
    service: input['service-name'] ?? repository,
    workflow: input.workflow,
    tagPrefix: input['tag-prefix'],
    repositoryUrl: `${serverUrl}/${owner}/${repository}`,
    readAt: now,
    pulls: input['pull-requests'],
    labels: input.labels.length > 0,
    paths: input.paths,
    incidentLabel: input['incident-label'],
    exported: await readExports(input, host),
    git: input.clone && isHere && workspace !== '' ? openClone(workspace, signal) : undefined,
    cached: cache.cached,
    notes: cache.notes,
  });
}

async function openCache(
  input: Inputs,
  host: Host,
  name: string,
): Promise<{ cached: Cached | undefined; notes: string[] }> {
  if (input.cache === undefined) return { cached: undefined, notes: [] };
  let text: string;
  try {
    text = await readWorkspaceFile(host.context.workspace, input.cache, 'cache', mostBytes);
  } catch (error) {
    // The first report has none yet.
    if (error instanceof ConfigurationError) return { cached: undefined, notes: [] };
    throw error;
  }
  const answer = readCache(text, name, input['cache-key']);
  return answer.cached
    ? { cached: answer.cached, notes: [] }
    : { cached: undefined, notes: [`The cache was not used: ${answer.why}. Everything was read again.`] };
}

async function readExports(input: Inputs, host: Host) {
  const files = input['incident-exports'];
  const texts = await Promise.all(
    files.map((file) => readWorkspaceFile(host.context.workspace, file, 'incident-exports', mostBytes)),
  );
  return texts.flatMap((text, index) => readExport(text, files[index]!, input.environment));
}
