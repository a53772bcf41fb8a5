import { evaluateText } from '../../read/expression/expressions.js';
import type { StepContext } from './step.js';
import type { BuiltinAction, BuiltinContext } from '../../third-party/action.js';
import type { Templates } from '../../read/workflow-reader.js';

/** Runs the local equivalent of a third-party action inside this process. */
export async function runBuiltin(
  action: BuiltinAction,
  entry: 'run' | 'post',
  given: Templates,
  context: StepContext,
  artifacts: (runId: number) => string,
): Promise<boolean> {
  const { job, scope, env, output, setOutput, cancel } = context;
  const { run, machine, token, permissions } = job.parts;
  const { event, repository, github, node } = run.request;
  const inputs: Record<string, string> = { ...action.inputs };
  for (const [name, template] of Object.entries(given)) {
    if (action.inputs[name] === undefined) {
      const valid = Object.keys(action.inputs).join("', '");
      output.annotate({
        level: 'warning',
        message: `Unexpected input(s) '${name}', valid inputs are ['${valid}']`,
      });
    }
    inputs[name] = evaluateText(template, scope);
  }
  const builtin: BuiltinContext = {
    inputs,
    repository,
    ref: event.ref,
    sha: event.sha,
    event: { name: event.name, payload: run.payload },
    serverUrl: github.url,
    token,
    permissions,
    workspace: machine.workspace,
    temp: machine.temp,
    node,
    path: job.path(env),
    runId: run.runId,
    attempt: run.attempt,
    artifacts,
    setOutput,
    addPath: (folder) => job.addPath(folder),
    log: (line) => output.write(line),
    warning: (message) => output.annotate({ level: 'warning', message }),
    signal: AbortSignal.any([cancel, job.parts.control.dead]),
  };
  await action[entry]?.(builtin);
  return true;
}
