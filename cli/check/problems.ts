import type { Problem } from '../../shared/config/problem.js';
import type { Shell } from '../shell.js';
import { problemsAcross } from './across.js';
import { deliveriesOf, handedTo } from './deliveries.js';
import type { Found, Kind } from './files.js';
import { partProblemsOf } from './parts/parts.js';
import {
  readCriteria,
  readGoLive,
  readIncidents,
  readMigrations,
  readPolicy,
  readRuleset,
  readWaivers,
  trafficProblems,
} from './read.js';
import { suiteProblems } from './suite.js';
import { callsOf, unreadableWorkflows, workflowsOf } from './workflows.js';

const linkProblem = ({ path }: Found): Problem => ({
  file: path,
  path: 'the whole file',
  got: 'a symbolic link',
  allowed: 'a file: of a link, GitHub gives the name of its target for what it holds',
  fix: `cp --remove-destination "$(readlink -f ${path})" ${path}`,
});

/** Everything that is wrong with the files of the suite in a repository, of each alone and of them together. */
export async function problemsOf(
  root: string,
  found: readonly Found[],
  passed: readonly string[],
  shell: Shell,
): Promise<Problem[]> {
  const files = found.filter(({ isLink }) => !isLink);
  const workflows = await workflowsOf(root);
  const deliveries = deliveriesOf(workflows);
  // The delivery workflows pass the schema that deploy/build names.
  const variables = [...passed, ...(deliveries.length > 0 ? ['schema'] : [])];
  const suites = files.filter(({ kind }) => kind === 'suite').map(({ path }) => path);
  const of = (kind: Kind) => files.filter((found) => found.kind === kind);
  const policies = of('policy').map(readPolicy);
  const criteria = of('rollback').map(readCriteria);
  const incidents = of('incidents').map(readIncidents);
  const plans = of('go-live').map(readGoLive);
  const rulesets = of('ruleset').map(readRuleset);
  const alone = [
    ...found.filter(({ isLink }) => isLink).map(linkProblem),
    ...(await unreadableWorkflows(root)),
    ...(await Promise.all(of('traffic').map(trafficProblems))).flat(),
    ...[
      ...policies,
      ...criteria,
      ...incidents,
      ...plans,
      ...rulesets,
      ...of('migrations').map(readMigrations),
      ...of('waivers').map(readWaivers),
    ].flatMap((read) => (read.ok ? [] : read.problems)),
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
  const calls = callsOf(workflows);
  const [goLive] = plans.flatMap((read) => (read.ok ? [read.file] : []));
  const [incident] = incidents.flatMap((read) => (read.ok ? [read.file] : []));
  const named = [...calls.flatMap(({ given }) => given['suite'] ?? []), goLive?.value.verify?.suite ?? ''];
  return [
    ...alone,
    ...(await problemsAcross(root, {
      ...{ policy, criteria: rules, traffic, suites, deliveries, workflows, named },
    })),
    ...(await partProblemsOf({
      ...{ root, policy, incidents: incident, goLive, traffic, workflows, calls },
      rulesets: rulesets.flatMap((read) => (read.ok ? [read.file] : [])),
    })),
  ];
}
