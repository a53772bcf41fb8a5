import { positions } from './expression/positions.js';
import { readCall } from './read-call.js';
import { readConcurrency } from './read-concurrency.js';
import { readServices } from './read-services.js';
import { checkIds, idPattern, readStep, workflowStep } from './read-step.js';
import { readStrategy } from './strategy/strategy.js';
import { readTree } from './strategy/value-tree.js';
import type { BaseJob, Job, StepsJob } from './workflow.js';
import type { WorkflowReader } from './workflow-reader.js';
import type { StepsJobShape, WorkflowShape } from './workflow-shape.js';

function readBase(reader: WorkflowReader, key: string, file: WorkflowShape): BaseJob {
  const shape = file.jobs[key] as NonNullable<WorkflowShape['jobs'][string]>;
  const at: PropertyKey[] = ['jobs', key];
  if (!idPattern.test(key)) {
    reader.problem(at, `'${key}' is not an id: start with a letter or _, then letters, digits, - and _`);
  }
  for (const need of shape.needs ?? []) {
    if (file.jobs[need] !== undefined) continue;
    const known = Object.keys(file.jobs).join(', ');
    reader.problem([...at, 'needs'], `there is no job '${need}'; there are ${known}`);
  }
  return {
    key,
    name: reader.template([...at, 'name'], shape.name ?? key, positions.job),
    needs: shape.needs ?? [],
    condition: reader.condition([...at, 'if'], shape.if, positions.jobIf),
    ...(shape.permissions !== undefined && { permissions: shape.permissions }),
    ...(shape.concurrency !== undefined && {
      concurrency: readConcurrency(reader, [...at, 'concurrency'], shape.concurrency, positions.job),
    }),
    ...(shape.strategy !== undefined && {
      strategy: readStrategy(reader, [...at, 'strategy'], shape.strategy),
    }),
    line: reader.line(at),
  };
}

function readEnvironment(
  reader: WorkflowReader,
  at: PropertyKey[],
  shape: NonNullable<StepsJobShape['environment']>,
): NonNullable<StepsJob['environment']> {
  return {
    name: reader.template(at, shape.name, positions.job),
    ...(shape.url !== undefined && {
      url: reader.template([...at, 'url'], shape.url, positions.environmentUrl),
    }),
    deployment: shape.deployment ?? true,
  };
}

function readStepsJob(
  reader: WorkflowReader,
  base: BaseJob,
  shape: StepsJobShape,
  file: WorkflowShape,
): StepsJob {
  const at: PropertyKey[] = ['jobs', base.key];
  if (shape['runs-on'] === undefined) reader.problem([...at, 'runs-on'], 'is missing');
  checkIds(reader, [...at, 'steps'], shape.steps);
  const run = { ...file.defaults?.run, ...shape.defaults?.run };
  const directory = run['working-directory'];
  return {
    ...base,
    runsOn: readTree(reader, [...at, 'runs-on'], shape['runs-on'], positions.job),
    services: readServices(reader, [...at, 'services'], shape.services ?? {}),
    ...(shape.environment !== undefined && {
      environment: readEnvironment(reader, [...at, 'environment'], shape.environment),
    }),
    outputs: reader.templates([...at, 'outputs'], shape.outputs, positions.jobOutput),
    env: reader.templates([...at, 'env'], shape.env, positions.jobEnv),
    defaults: {
      ...(run.shell !== undefined && {
        shell: reader.template([...at, 'defaults'], run.shell, positions.jobDefaults),
      }),
      ...(directory !== undefined && {
        workingDirectory: reader.template([...at, 'defaults'], directory, positions.jobDefaults),
      }),
    },
    timeoutMinutes: reader.template(
      [...at, 'timeout-minutes'],
      shape['timeout-minutes'] ?? '360',
      positions.job,
    ),
    continueOnError: reader.template(
      [...at, 'continue-on-error'],
      shape['continue-on-error'] ?? 'false',
      positions.job,
    ),
    steps: shape.steps.map((step, index) =>
      readStep(reader, [...at, 'steps', index], step, { index, ...workflowStep }),
    ),
  };
}

/** Reads one job, with steps or with `uses`, and notes what is wrong with it. */
export function readJob(reader: WorkflowReader, key: string, file: WorkflowShape): Job {
  const shape = file.jobs[key] as NonNullable<WorkflowShape['jobs'][string]>;
  const base = readBase(reader, key, file);
  return 'uses' in shape ? readCall(reader, base, shape) : readStepsJob(reader, base, shape, file);
}
