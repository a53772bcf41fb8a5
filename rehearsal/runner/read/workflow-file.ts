import { LineCounter, parseDocument } from 'yaml';
import { readEvents } from './events.js';
import { positions } from './expression/positions.js';
import { readCallTrigger } from './read-call.js';
import { readConcurrency } from './read-concurrency.js';
import { readJob } from './read-job.js';
import { remembered } from './remembered.js';
import type { Job, Workflow } from './workflow.js';
import { WorkflowError, WorkflowReader } from './workflow-reader.js';
import { dispatchShape, workflowShape } from './workflow-shape.js';

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
export const readWorkflow: (path: string, source: string) => Workflow = remembered(64, readText);

function readText(path: string, source: string): Workflow {
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
    events: readEvents(reader, file.on),
    dispatchInputs: dispatch.data ?? {},
    ...('workflow_call' in file.on && { call: readCallTrigger(reader, file.on['workflow_call']) }),
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
