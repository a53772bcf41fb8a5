import { readEnvironment } from '../../actions/gate-check/evidence/environment.js';
import type { GitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { findFiles } from '../check/files.js';
import { needProblems } from '../check/parts/parts.js';
import { unfilledIn } from '../check/parts/unfilled.js';
import { readGoLive, readIncidents } from '../check/read.js';
import { callsOf, workflowsOf, type Call } from '../check/workflows.js';
import { ok, problemLines, unknown, wrong, type Line } from './line.js';

/** What the optional parts need when they run: their files, executables that somebody wrote, their environments. */
export async function lookAtParts(root: string, github: GitHub | undefined): Promise<Line[]> {
  const workflows = await workflowsOf(root);
  const calls = callsOf(workflows);
  const files = await findFiles(root);
  const first = (kind: 'incidents' | 'go-live') =>
    files.find((found) => found.kind === kind && !found.isLink);
  const [incidents, goLive] = [first('incidents'), first('go-live')];
  const readHooks = incidents && readIncidents(incidents);
  const readPlan = goLive && readGoLive(goLive);
  const problems = [
    ...(readHooks && !readHooks.ok ? readHooks.problems : []),
    ...(readPlan && !readPlan.ok ? readPlan.problems : []),
    ...(await needProblems({
      ...{ root, workflows, calls },
      incidents: readHooks?.ok ? readHooks.file : undefined,
      goLive: readPlan?.ok ? readPlan.file : undefined,
    })),
  ];
  const stubs = (await unfilledIn(root)).map((place) => {
    const [path = '', line = ''] = place.split(':');
    return wrong(
      `part ${path}`,
      `line ${line} fails until somebody writes what it does`,
      `write it in ${path}, in place of the line with "unfilled"`,
    );
  });
  const names = [...new Set(calls.flatMap(environmentsOf))];
  const environments = github ? await Promise.all(names.map((name) => environmentLine(github, name))) : [];
  return [...problems.flatMap((one) => problemLines(`part ${one.file}`, [one])), ...stubs, ...environments];
}

/** Environments of a part beside those that releases go to, which GitHub would make at first use. */
function environmentsOf({ called, given, inputs }: Call): string[] {
  const named = (usual: string) =>
    given['environment'] ?? (inputs.includes('environment') ? undefined : usual);
  if (called === 'ephemeral-environment' || called === 'hotfix') return [named('ephemeral') ?? []].flat();
  const infrastructure = called === 'infrastructure' ? named('production') : undefined;
  return infrastructure === undefined ? [] : [`${infrastructure}-plan`];
}

async function environmentLine(github: GitHub, name: string): Promise<Line> {
  const what = `environment ${name}`;
  try {
    if (await readEnvironment(github, name)) return ok(what, 'is there');
    return wrong(
      what,
      'does not exist, and holds the login of a part: GitHub makes it at first use, empty',
      'init --dry-run prints the commands',
    );
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return unknown(what, error.message);
  }
}
