import type { Problem } from '../../shared/config/problem.js';
import { suggest } from '../../shared/text/suggest.js';
import type { Delivery } from './deliveries.js';
import { executableProblem } from './parts/repository.js';
import type { CriteriaFile, PolicyFile, Valid } from './read.js';
import { fits, jobNames, type WorkflowFile } from './workflows.js';

/** The files of a repository that are about the same things. */
export interface Together {
  policy: Valid<PolicyFile> | undefined;
  criteria: Valid<CriteriaFile> | undefined;
  /** Environments that have a traffic file. */
  traffic: readonly string[];
  /** Paths of smoke suites. */
  suites: readonly string[];
  deliveries: readonly Delivery[];
  workflows: readonly WorkflowFile[];
  /** Suites that something else names than the service of a release. */
  named: readonly string[];
}

/** Problems that no file has alone. */
export async function problemsAcross(root: string, together: Together): Promise<Problem[]> {
  return [
    ...environmentsOf(together),
    ...promotionsOf(together),
    ...checksOf(together),
    ...suitesOf(together),
    ...(await executablesOf(root, together)),
  ];
}

/** Each environment has a traffic file and gates; what is watched is released to. */
function environmentsOf({ policy, criteria, traffic }: Together): Problem[] {
  const released = policy && Object.keys(policy.value.environments);
  const problems: Problem[] = [];
  for (const file of [policy, criteria]) {
    if (!file) continue;
    for (const name of Object.keys(file.value.environments)) {
      if (traffic.includes(name)) continue;
      problems.push({
        ...at(file, ['environments', name]),
        got: `the environment ${name}, which has no traffic file`,
        allowed:
          traffic.length > 0 ? `environments with a traffic file: ${traffic.join(', ')}` : 'a traffic file',
        fix: `write .github/traffic/${name}.yml, or correct the name`,
        ...meant(name, traffic),
      });
    }
  }
  for (const name of released ? traffic.filter((one) => !released.includes(one)) : [])
    problems.push({
      ...at(policy!, ['environments']),
      got: `no gates for ${name}, which has the traffic file .github/traffic/${name}.yml`,
      allowed: 'gates for every environment that releases go to',
      fix: `add "${name}:" with its gates, or remove the traffic file`,
      ...meant(name, released!),
    });
  return problems;
}

/** What is promoted comes from an environment that releases go to. */
function promotionsOf({ policy }: Together): Problem[] {
  if (!policy) return [];
  const known = Object.keys(policy.value.environments);
  return known.flatMap((name) => {
    const path = ['environments', name, 'gates', 'promotion'];
    const before = valueAt(policy.value, [...path, 'environments']);
    const unknown = (Array.isArray(before) ? (before as string[]) : []).filter((one) => !known.includes(one));
    return unknown.map((from) => ({
      ...at(policy, path),
      got: `${from}, which has no gates of its own`,
      allowed: `one of ${known.join(', ')}`,
      fix: `add "${from}:" with its gates, or correct the name`,
      ...meant(from, known),
    }));
  });
}

/** Required checks of workflows are jobs that these workflows have. */
function checksOf({ policy, workflows }: Together): Problem[] {
  const problems: Problem[] = [];
  for (const name of Object.keys(policy?.value.environments ?? {})) {
    const path = ['environments', name, 'gates', 'checks', 'required'];
    const required = valueAt(policy!.value, path);
    for (const [index, one] of (Array.isArray(required) ? required : []).entries()) {
      const { from, workflow, name: check } = one as { from: string; workflow: string; name: string };
      if (from !== 'workflow') continue;
      const place = at(policy!, [...path, index]);
      const found = workflows.find(({ path: own }) => own === workflow);
      const jobs = found && jobNames(found);
      if (!jobs)
        problems.push({
          ...place,
          got: `${workflow}, which does not exist or is no workflow`,
          allowed: 'a workflow of this repository',
          fix: 'correct the path, or add the workflow',
        });
      else if (!jobs.some((job) => fits(check, job)))
        problems.push({
          ...place,
          got: `the check "${check}", which no job of ${workflow} makes`,
          allowed: `one of ${jobs.join(', ')}`,
          fix: 'write the name of the job as GitHub shows it',
          ...meant(check, jobs),
        });
    }
  }
  return problems;
}

/** A suite of a service is for a service that something releases. */
function suitesOf({ suites, deliveries, named }: Together): Problem[] {
  const services = deliveries.flatMap(({ service }) => service ?? []);
  // A copy of the workflows, or an expression, may release any.
  if (deliveries.length === 0 || services.length < deliveries.length) return [];
  return suites.flatMap((file): Problem[] => {
    const [, service] = /^\.github\/smoke-(.+)\.yml$/.exec(file) ?? [];
    if (service === undefined || services.includes(service) || named.includes(file)) return [];
    return [
      {
        file,
        path: '',
        got: `the suite of ${service}, which no workflow releases`,
        allowed: `one of ${services.map((one) => `.github/smoke-${one}.yml`).join(', ')}`,
        fix: 'name the file after the service, or remove it',
        ...meant(service, services),
      },
    ];
  });
}

/** What the delivery template runs of the team's own. */
async function executablesOf(root: string, { deliveries: [delivery] }: Together): Promise<Problem[]> {
  if (!delivery) return [];
  const files = ['deploy/build', 'deploy/deploy'];
  const found = await Promise.all(
    files.map((file) => executableProblem(root, file, delivery.path, 'docs/templates/cd.md')),
  );
  return found.flat();
}

function at(file: Valid<unknown>, path: readonly PropertyKey[]) {
  return { file: file.path, ...file.placeOf(path), path: path.map(String).join('.') };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}

function meant(name: string, known: readonly string[]): { didYouMean?: string } {
  const near = suggest(name, known);
  return near === undefined ? {} : { didYouMean: near };
}
