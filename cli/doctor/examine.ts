import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { DoctorReport } from '../../shared/contracts/reports/doctor-report.js';
import { openGitHub } from '../../shared/github/client.js';
import type { Host } from '../../shared/runner/host.js';
import { maskedVariable } from '../../shared/runner/masked-variable.js';
import { openTraffic, type OpenTraffic } from '../../shared/traffic/open-control.js';
import { readPolicy } from '../check/read.js';
import { policyPath } from '../init/policy.js';
import { lookAtGitHub, type EnvironmentRules } from './github-lines.js';
import { note, problemLines, unknown, type Line } from './line.js';
import { lookAtMetrics } from './metrics-lines.js';
import { lookAtTraffic } from './traffic-lines.js';

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
  const lines = [...(await trafficLines(host, asked)), ...(await githubLines(host, asked))];
  const { environment, service } = asked;
  const bad = lines.filter(({ is }) => is === 'wrong' || is === 'unknown').length;
  return {
    schema: 'devops-actions/doctor-report@1',
    result: bad === 0 ? 'ready' : 'not-ready',
    message:
      bad === 0
        ? `A release of ${service} to ${environment} could begin here.`
        : `${bad === 1 ? '1 line is' : `${bad} lines are`} not right: a release of ${service} to ${environment} would not go well.`,
    environment,
    service,
    lines,
  };
}

async function trafficLines(host: Host, asked: Asked): Promise<Line[]> {
  const { environment, service, criteria } = asked;
  let traffic: OpenTraffic;
  try {
    traffic = await openTraffic(host, { trafficFile: asked.traffic });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return problemLines('traffic file', error.problems);
  }
  try {
    const { lines, live } = await lookAtTraffic(traffic, host.clock);
    const variable = maskedVariable(host);
    const metrics = await lookAtMetrics(criteria, textAt(host.context.workspace, criteria), {
      ...{ traffic, live, environment, service, variable },
      clock: host.clock,
    });
    return [...lines, ...metrics];
  } finally {
    traffic.http.close();
  }
}

async function githubLines(host: Host, { github: given, environment, service }: Asked): Promise<Line[]> {
  if (!given) return [note('GitHub', 'not asked: token, clock, environments and lock were not looked at')];
  const { token, apiUrl } = given;
  if (!token)
    return [unknown('token', 'there is none', 'under "env:" of the step add  GH_TOKEN: ${{ github.token }}')];
  const [owner, repository] = given.repository?.split('/') ?? [];
  if (!owner || !repository)
    return [unknown('token', 'the repository is not known', '--repository OWNER/NAME')];
  const { clock, random, context } = host;
  const github = await openGitHub({ token, at: { owner, repository, apiUrl }, clock, random });
  return lookAtGitHub(github, { environment, service, rules: rulesOf(context.workspace, environment) });
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
