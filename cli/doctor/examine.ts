import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { DoctorReport } from '../../shared/contracts/reports/doctor-report.js';
import { openGitHub, type GitHub, type GitHubClock } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { listDeployments } from '../../shared/ledger/list-deployments.js';
import type { Host } from '../../shared/runner/host.js';
import { maskedVariable } from '../../shared/runner/masked-variable.js';
import { openTraffic, type OpenTraffic } from '../../shared/traffic/open-control.js';
import { readPolicy } from '../check/read.js';
import { policyPath } from '../init/policy.js';
import { lookAtGitHub, type EnvironmentRules } from './github-lines.js';
import { note, problemLines, unknown, wrong, type Line } from './line.js';
import { lookAtParts } from './part-lines.js';
import { lookAtMetrics } from './metrics-lines.js';
import { beforeFirstRelease, lookAtTraffic } from './traffic-lines.js';

/** What the doctor is asked about, and by whose token. */
export interface Asked {
  environment: string;
  service: string;
  /** Paths in the workspace. */
  traffic: string;
  criteria: string;
  /** Undefined: GitHub is left out. */
  github: { repository: string | undefined; token: string | undefined; apiUrl: string } | undefined;
}

/** Everything that a switch asks before it begins; moves nothing. */
export async function examine(host: Host, asked: Asked): Promise<DoctorReport> {
  const github = await gitHubOf(host, asked);
  const ofRelease = [
    ...(await trafficLines(host, asked, github)),
    ...(await githubLines(host, asked, github)),
  ];
  const ofParts = await lookAtParts(host.context.workspace, isLine(github) ? undefined : github);
  const { environment, service } = asked;
  const bad = badIn(ofRelease);
  const idle = badIn(ofParts);
  const release = `release of ${service} to ${environment}`;
  const count = (lines: number) => (lines === 1 ? '1 line is' : `${lines} lines are`);
  return {
    schema: 'devops-actions/doctor-report@1',
    result: bad + idle === 0 ? 'ready' : 'not-ready',
    message:
      bad > 0
        ? `${count(bad + idle)} not right: a ${release} would not go well.`
        : idle > 0
          ? `A ${release} could begin here, but ${count(idle)} not right: a part beside it would fail when it is needed.`
          : `A ${release} could begin here.`,
    environment,
    service,
    lines: [...ofRelease, ...ofParts],
  };
}

const badIn = (lines: readonly Line[]): number =>
  lines.filter(({ is }) => is === 'wrong' || is === 'unknown').length;

/** GitHub, or the line that says why it is not asked. */
type Reached = (GitHub & GitHubClock) | Line;
const isLine = (reached: Reached): reached is Line => 'what' in reached;

async function gitHubOf({ clock, random }: Host, { github: given }: Asked): Promise<Reached> {
  if (!given) return note('GitHub', 'not asked: token, clock, environments and lock were not looked at');
  const { token, apiUrl } = given;
  if (!token)
    return unknown('token', 'there is none', 'under "env:" of the step add  GH_TOKEN: ${{ github.token }}');
  const [owner, repository] = given.repository?.split('/') ?? [];
  if (!owner || !repository)
    return unknown('token', 'the repository is not known', '--repository OWNER/NAME');
  return openGitHub({ token, at: { owner, repository, apiUrl }, clock, random });
}

async function trafficLines(host: Host, asked: Asked, github: Reached): Promise<Line[]> {
  const { environment, service, criteria } = asked;
  let traffic: OpenTraffic;
  try {
    traffic = await openTraffic(host, { trafficFile: asked.traffic });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return problemLines('traffic file', error.problems);
  }
  try {
    const { lines, live, silent } = await lookAtTraffic(traffic, host.clock);
    const first = silent && live ? await firstLine(github, asked) : undefined;
    const variable = maskedVariable(host);
    const metrics = await lookAtMetrics(criteria, textAt(host.context.workspace, criteria), {
      ...{ traffic, live, environment, service, variable },
      clock: host.clock,
    });
    const looked = live && first?.is === 'note' ? beforeFirstRelease(lines, live) : lines;
    return [...looked, ...(first ? [first] : []), ...metrics];
  } finally {
    traffic.http.close();
  }
}

/** Where nothing answers, whether that is right: only the ledger knows. */
async function firstLine(github: Reached, { environment, service }: Asked): Promise<Line> {
  const what = 'first release';
  const silent = 'no colour answers, which is right only where nothing was ever released';
  if (isLine(github))
    return unknown(
      what,
      silent,
      'ask with GH_TOKEN, which reads whether a release is recorded; if none is, push',
    );
  try {
    const { records, complete } = await listDeployments(github, { environments: [environment], service });
    // Of a record that was cut, a success may be what is not known.
    const released = records.filter(
      ({ statuses, unread }) => unread !== undefined || statuses.some(({ state }) => state === 'success'),
    ).length;
    if (complete && released === 0)
      return note(
        what,
        'nothing runs yet, and none is recorded: the first one goes to the idle colour, and cannot be rolled back',
      );
    return wrong(
      what,
      `no colour answers, and ${released === 1 ? '1 release is' : `${released} releases are`} recorded as live once`,
      'make the live colour well',
    );
  } catch (error) {
    if (error instanceof GitHubError) return unknown(what, `${silent}; ${error.message}`);
    throw error;
  }
}

async function githubLines(host: Host, asked: Asked, github: Reached): Promise<Line[]> {
  if (isLine(github)) return [github];
  const { environment, service } = asked;
  return lookAtGitHub(github, { environment, service, rules: rulesOf(host.context.workspace, environment) });
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
