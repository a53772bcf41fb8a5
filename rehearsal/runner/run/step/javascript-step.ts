import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ActionManifest, JavaScriptManifest } from '../../read/action-manifest.js';
import { compileTemplate, evaluateText } from '../../read/expression/expressions.js';
import { positions } from '../../read/expression/positions.js';
import type { StepContext } from './step.js';
import { runProcess } from './step-process.js';
import type { Templates } from '../../read/workflow-reader.js';

/** Evaluated `with`, then the defaults of inputs not given, in the fewer contexts that defaults may use. */
export function actionInputs(
  manifest: ActionManifest,
  given: Templates,
  context: StepContext,
): Record<string, string> {
  const { scope, output } = context;
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, template]) => [name.toLowerCase(), evaluateText(template, scope)]),
  );
  const declared = Object.entries(manifest.inputs);
  const known = declared.map(([name]) => name.toLowerCase());
  const unexpected = Object.keys(inputs).filter((name) => !known.includes(name));
  if (unexpected.length > 0) {
    output.annotate({
      level: 'warning',
      message: `Unexpected input(s) '${unexpected.join("', '")}', valid inputs are ['${known.join("', '")}']`,
    });
  }
  for (const [name, { default: fallback = '', deprecationMessage }] of declared) {
    const key = name.toLowerCase();
    if (inputs[key] === undefined)
      inputs[key] = evaluateText(compileTemplate(fallback, positions.actionInput), scope);
    else if (deprecationMessage !== undefined) {
      output.annotate({
        level: 'warning',
        message: `Input '${name}' has been deprecated with message: ${deprecationMessage}`,
      });
    }
  }
  return inputs;
}

/** `INPUT_*` names: spaces become `_`, all upper case, hyphens stay. */
export function inputEnvironment(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

/** What the runner tells JavaScript actions, and only them, about the services behind it. */
function serviceEnvironment(context: StepContext): Record<string, string> {
  const { run } = context.job.parts;
  const url = `${run.request.github.url}/_actions/`;
  return {
    ACTIONS_RUNTIME_URL: url,
    ACTIONS_RUNTIME_TOKEN: context.job.runtimeToken,
    ACTIONS_RESULTS_URL: url,
    ACTIONS_CACHE_URL: url,
  };
}

/** Runs one script of a JavaScript action with node; a non-zero exit fails the step. */
export async function runJavaScript(
  manifest: JavaScriptManifest,
  script: string,
  given: Templates,
  context: StepContext,
): Promise<boolean> {
  const { job, env, github, state, output, cancel } = context;
  const { machine, control, timings, run } = job.parts;
  const inputs = actionInputs(manifest, given, context);
  const file = resolve(manifest.folder, script);
  if (!existsSync(file)) throw new Error(`File not found: '${file}'`);
  const stateEnvironment = Object.fromEntries(
    Object.entries(state).map(([key, value]) => [`STATE_${key}`, value]),
  );
  const environment = job.processEnvironment({ ...env, ...stateEnvironment }, github);
  delete environment['NODE_ICU_DATA'];
  const scriptEnvironment = { ...environment, ...inputEnvironment(inputs), ...serviceEnvironment(context) };
  const onLine = (line: string) => output.line(line);
  const played = run.request.played?.[file];
  if (played !== undefined) return played(scriptEnvironment, onLine) === 0;
  const code = await runProcess({
    file: run.request.node,
    args: [file],
    cwd: machine.workspace,
    env: scriptEnvironment,
    onLine,
    cancel,
    dead: control.dead,
    timings,
  });
  return code === 0;
}
