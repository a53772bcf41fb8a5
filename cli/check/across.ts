import { access, constants, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Problem } from '../../shared/config/problem.js';
import { suggest } from '../../shared/text/suggest.js';
import type { Delivery } from './deliveries.js';
import type { CriteriaFile, PolicyFile, Valid } from './read.js';

/** The files of a repository that are about the same things. */
export interface Together {
  policy: Valid<PolicyFile> | undefined;
  criteria: Valid<CriteriaFile> | undefined;
  /** Environments that have a traffic file. */
  traffic: readonly string[];
  /** Paths of smoke suites. */
  suites: readonly string[];
  deliveries: readonly Delivery[];
}

/** Problems that no file has alone. */
export async function problemsAcross(root: string, together: Together): Promise<Problem[]> {
  return [
    ...environmentsOf(together),
    ...promotionsOf(together),
    ...(await checksOf(root, together)),
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
async function checksOf(root: string, { policy }: Together): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const name of Object.keys(policy?.value.environments ?? {})) {
    const path = ['environments', name, 'gates', 'checks', 'required'];
    const required = valueAt(policy!.value, path);
    for (const [index, one] of (Array.isArray(required) ? required : []).entries()) {
      const { from, workflow, name: check } = one as { from: string; workflow: string; name: string };
      if (from !== 'workflow') continue;
      const place = at(policy!, [...path, index]);
      const jobs = await jobsIn(join(root, workflow));
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

/** A name with an expression, of a matrix or of a called workflow, may be anything of its form. */
function fits(check: string, job: string): boolean {
  if (check === job || check.startsWith(`${job} (`) || check.startsWith(`${job} / `)) return true;
  const [start = '', ...rest] = job.split(/\$\{\{.*?\}\}/);
  return rest.length > 0 && check.startsWith(start) && check.endsWith(rest.at(-1)!);
}

async function jobsIn(path: string): Promise<string[] | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const { jobs } = (parseDocument(text).toJS() ?? {}) as { jobs?: Record<string, { name?: unknown } | null> };
  if (typeof jobs !== 'object' || jobs === null) return undefined;
  return Object.entries(jobs).map(([key, job]) => (typeof job?.name === 'string' ? job.name : key));
}

/** A suite of a service is for a service that something releases. */
function suitesOf({ suites, deliveries }: Together): Problem[] {
  const services = deliveries.flatMap(({ service }) => service ?? []);
  // A copy of the workflows, or an expression, may release any.
  if (deliveries.length === 0 || services.length < deliveries.length) return [];
  return suites.flatMap((file): Problem[] => {
    const [, service] = /^\.github\/smoke-(.+)\.yml$/.exec(file) ?? [];
    if (service === undefined || services.includes(service)) return [];
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
  const problems: Problem[] = [];
  for (const file of ['deploy/build', 'deploy/deploy']) {
    const found = await stat(join(root, file)).catch(() => undefined);
    const runs =
      found?.isFile() &&
      (await access(join(root, file), constants.X_OK).then(
        () => true,
        () => false,
      ));
    if (runs) continue;
    problems.push({
      file,
      path: '',
      got: found ? 'a file that cannot be executed' : 'no such file',
      allowed: `an executable file, which ${delivery.path} runs`,
      fix: found ? `git update-index --chmod=+x ${file}` : `write ${file} (docs/templates/cd.md)`,
    });
  }
  return problems;
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
