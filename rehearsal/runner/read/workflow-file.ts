import { LineCounter, parseDocument } from 'yaml';
import type { Template } from './expressions.js';
import { positions, type Position } from './positions.js';
import { WorkflowError, WorkflowReader, type Templates } from './workflow-reader.js';
import {
  dispatchShape,
  workflowShape,
  type ConcurrencyShape,
  type DispatchInput,
  type PermissionsShape,
  type StepShape,
  type WorkflowShape,
} from './workflow-shape.js';

export interface Concurrency {
  group: Template;
  cancelInProgress: Template;
  queue: 'single' | 'max';
}

export interface RunDefaults {
  shell?: Template;
  workingDirectory?: Template;
}

export interface Step {
  /** Position in the job, from 0. */
  index: number;
  id?: string;
  name?: Template;
  condition: Template;
  action: { uses: string; with: Templates } | { run: Template; shell?: string; workingDirectory?: Template };
  env: Templates;
  continueOnError: Template;
  timeoutMinutes?: Template;
  line: number;
}

export interface Job {
  key: string;
  name: Template;
  needs: string[];
  condition: Template;
  permissions?: PermissionsShape;
  environment?: { name: Template; url?: Template; deployment: boolean };
  concurrency?: Concurrency;
  outputs: Templates;
  env: Templates;
  defaults: RunDefaults;
  timeoutMinutes: Template;
  continueOnError: Template;
  steps: Step[];
  line: number;
}

export interface Workflow {
  path: string;
  name: string;
  events: Record<string, unknown>;
  dispatchInputs: Record<string, DispatchInput>;
  env: Templates;
  permissions?: PermissionsShape;
  concurrency?: Concurrency;
  jobs: Job[];
}

function readConcurrency(
  reader: WorkflowReader,
  at: PropertyKey[],
  shape: ConcurrencyShape,
  position: Position,
): Concurrency {
  const cancel = shape['cancel-in-progress'] ?? 'false';
  if (shape.queue === 'max' && cancel === 'true') {
    reader.problem(at, 'queue: max and cancel-in-progress: true cannot be combined; remove one of them');
  }
  return {
    group: reader.template(at, shape.group, position),
    cancelInProgress: reader.template(at, cancel, position),
    queue: shape.queue ?? 'single',
  };
}

function readStep(reader: WorkflowReader, at: PropertyKey[], shape: StepShape, index: number): Step {
  const timeout = shape['timeout-minutes'];
  const base = {
    index,
    ...(shape.id !== undefined && { id: shape.id }),
    ...(shape.name !== undefined && { name: reader.template([...at, 'name'], shape.name, positions.step) }),
    condition: reader.condition([...at, 'if'], shape.if, positions.stepIf),
    env: reader.templates([...at, 'env'], shape.env, positions.step),
    continueOnError: reader.template(
      [...at, 'continue-on-error'],
      shape['continue-on-error'] ?? 'false',
      positions.step,
    ),
    ...(timeout !== undefined && {
      timeoutMinutes: reader.template([...at, 'timeout-minutes'], timeout, positions.step),
    }),
    line: reader.line(at),
  };
  if ((shape.uses === undefined) === (shape.run === undefined)) {
    reader.problem(at, 'a step has either `uses` or `run`');
  }
  if (shape.id !== undefined && !/^[A-Za-z_][A-Za-z0-9_-]*$/.test(shape.id)) {
    reader.problem(
      [...at, 'id'],
      `'${shape.id}' is not an id: start with a letter or _, then letters, digits, - and _`,
    );
  }
  if (shape.uses !== undefined) {
    for (const key of ['shell', 'working-directory'] as const) {
      if (shape[key] !== undefined) reader.problem([...at, key], 'belongs to steps with `run`');
    }
    return {
      ...base,
      action: { uses: shape.uses, with: reader.templates([...at, 'with'], shape.with, positions.step) },
    };
  }
  if (shape.with !== undefined) reader.problem([...at, 'with'], 'belongs to steps with `uses`');
  const directory = shape['working-directory'];
  return {
    ...base,
    action: {
      run: reader.template([...at, 'run'], shape.run ?? '', positions.step),
      ...(shape.shell !== undefined && { shell: shape.shell }),
      ...(directory !== undefined && {
        workingDirectory: reader.template([...at, 'working-directory'], directory, positions.step),
      }),
    },
  };
}

function readJob(reader: WorkflowReader, key: string, file: WorkflowShape): Job {
  const shape = file.jobs[key] as NonNullable<WorkflowShape['jobs'][string]>;
  const at: PropertyKey[] = ['jobs', key];
  if (shape['runs-on'] === undefined) reader.problem([...at, 'runs-on'], 'is missing');
  const ids = new Set<string>();
  shape.steps.forEach(({ id }, index) => {
    if (id !== undefined && ids.has(id.toLowerCase()))
      reader.problem([...at, 'steps', index, 'id'], `'${id}' is used twice`);
    if (id !== undefined) ids.add(id.toLowerCase());
  });
  for (const need of shape.needs ?? []) {
    if (file.jobs[need] === undefined) {
      reader.problem(
        [...at, 'needs'],
        `there is no job '${need}'; there are ${Object.keys(file.jobs).join(', ')}`,
      );
    }
  }
  const run = { ...file.defaults?.run, ...shape.defaults?.run };
  const directory = run['working-directory'];
  return {
    key,
    name: reader.template([...at, 'name'], shape.name ?? key, positions.job),
    needs: shape.needs ?? [],
    condition: reader.condition([...at, 'if'], shape.if, positions.jobIf),
    ...(shape.permissions !== undefined && { permissions: shape.permissions }),
    ...(shape.environment !== undefined && {
      environment: {
        name: reader.template([...at, 'environment'], shape.environment.name, positions.job),
        ...(shape.environment.url !== undefined && {
          url: reader.template(
            [...at, 'environment', 'url'],
            shape.environment.url,
            positions.environmentUrl,
          ),
        }),
        deployment: shape.environment.deployment ?? true,
      },
    }),
    ...(shape.concurrency !== undefined && {
      concurrency: readConcurrency(reader, [...at, 'concurrency'], shape.concurrency, positions.job),
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
    steps: shape.steps.map((step, index) => readStep(reader, [...at, 'steps', index], step, index)),
    line: reader.line(at),
  };
}

/** Names of jobs that wait for each other in a circle, empty when there is none. */
function circle(jobs: readonly Job[]): string[] {
  const left = new Map(jobs.map(({ key, needs }) => [key, needs]));
  for (let shrunk = true; shrunk;) {
    shrunk = false;
    for (const [key, needs] of left) {
      if (!needs.some((need) => left.has(need))) shrunk = left.delete(key);
    }
  }
  return [...left.keys()];
}

/** Reads and checks a workflow file; throws a {@link WorkflowError} with every problem in it. */
export function readWorkflow(path: string, source: string): Workflow {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const reader = new WorkflowReader(path, document, lines);
  if (document.errors.length > 0) {
    throw new WorkflowError(
      document.errors.map(({ message, pos }) => `${path}:${lines.linePos(pos[0]).line}: ${message}`),
    );
  }
  const shape = workflowShape.safeParse(document.toJS());
  if (!shape.success) {
    shape.error.issues.forEach((issue) => reader.issue(issue));
    throw new WorkflowError(reader.problems);
  }
  const file = shape.data;
  const dispatch = dispatchShape.safeParse(file.on['workflow_dispatch']);
  dispatch.error?.issues.forEach((issue) =>
    reader.issue({ ...issue, path: ['on', 'workflow_dispatch', ...issue.path] }),
  );
  if (file['run-name'] !== undefined) reader.template(['run-name'], file['run-name'], positions.runName);

  const workflow: Workflow = {
    path,
    name: file.name ?? path,
    events: file.on,
    dispatchInputs: dispatch.data ?? {},
    env: reader.templates(['env'], file.env, positions.workflowEnv),
    ...(file.permissions !== undefined && { permissions: file.permissions }),
    ...(file.concurrency !== undefined && {
      concurrency: readConcurrency(reader, ['concurrency'], file.concurrency, positions.workflowConcurrency),
    }),
    jobs: Object.keys(file.jobs).map((key) => readJob(reader, key, file)),
  };
  const waiting = circle(workflow.jobs);
  if (waiting.length > 0)
    reader.problem(['jobs', waiting[0] ?? ''], `these wait for each other: ${waiting.join(', ')}`);
  if (reader.problems.length > 0) throw new WorkflowError(reader.problems);
  return workflow;
}
