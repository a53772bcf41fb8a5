import { join } from 'node:path';
import { ConfigurationError } from '../config/problem.js';
import { fitSummary, mostSevere } from '../report/limits.js';
import { codeBlock } from '../report/markdown.js';
import type { ErrorReport } from '../contracts/error-report.js';
import { readContext, type RunContext } from './context.js';
import type { Annotation } from '../report/annotation.js';
import type { ActionDefinition, Outcome } from './define-action.js';
import type { Host, Log } from './host.js';
import { actionsRunner, type RunnerPort } from './port.js';
import { readInputs, secretInputs } from './read-inputs.js';
import { Secrets } from './secrets.js';

/** Which half of the action runs: the step itself, or its clean-up after the job. */
export type Phase = 'main' | 'post';

/**
 * Runs one action: parses inputs, masks, catches, writes outputs, report and summary (also on failure) and decides the
 * exit. The only place that does any of these.
 */
export async function runAction(
  action: ActionDefinition,
  phase: Phase,
  port: RunnerPort = actionsRunner(),
): Promise<void> {
  const secrets = new Secrets();
  const stopping = new AbortController();
  const stopListening = port.onStop((signal) => {
    if (!stopping.signal.aborted)
      port.print(`Received ${signal}: finishing what is in flight, waiting for nothing.`);
    stopping.abort(signal);
  });
  try {
    for (const secret of secretInputs(action.inputs, port.env)) mask(secret, secrets, port);
    const context = readContext(port.env);
    const host = createHost(context, port, secrets, stopping.signal);
    const outcome =
      phase === 'main'
        ? await action.run(readInputs(action.inputs, port.env), host)
        : await action.post?.(host);
    if (outcome) await publish({ action, phase, context }, outcome, port, secrets);
  } catch (error) {
    await publishError(action, phase, error, port, secrets);
  } finally {
    stopListening();
  }
}

function mask(secret: string, secrets: Secrets, port: RunnerPort): void {
  for (const variant of secrets.add(secret)) port.maskInLog(variant);
}

/**
 * The runner takes a line that starts with `::`, and one with `##[` anywhere, for a command, whoever's words it holds.
 * What it trims off has one blank more than \s.
 */
function plain(text: string): string {
  return text.replace(/^([\s\u0085]*)(?=::)/gm, '$1\u200B').replaceAll('##[', '## [');
}

function createHost(context: RunContext, port: RunnerPort, secrets: Secrets, signal: AbortSignal): Host {
  const redact = (text: string) => secrets.redact(text);
  const log: Log = {
    info: (message) => port.print(plain(redact(message))),
    notice: (message) => port.annotate({ level: 'notice', message: redact(message) }),
    warning: (message) => port.annotate({ level: 'warning', message: redact(message) }),
    debug: (message) => port.debug(redact(message)),
    group: async (title, body) => {
      port.startGroup(redact(title));
      try {
        return await body();
      } finally {
        port.endGroup();
      }
    },
  };
  return {
    context,
    signal,
    clock: port.clock,
    random: port.random,
    log,
    mask: (secret) => mask(secret, secrets, port),
    state: {
      save: (key, value) => port.saveState(key, value),
      read: (key) => port.env[`STATE_${key}`] || undefined,
    },
    variable: (name) => port.env[name],
  };
}

async function publish(
  { action, phase, context }: { action: ActionDefinition; phase: Phase; context: RunContext },
  outcome: Outcome<Record<string, unknown>, unknown>,
  port: RunnerPort,
  secrets: Secrets,
): Promise<void> {
  const redact = (text: string) => secrets.redact(text);
  const folder = join(context.temp, 'devops-actions', safeName(context.step || action.name));
  const outputs: Record<string, unknown> = { ...outcome.outputs };
  const reportPath = join(folder, phase === 'main' ? 'report.json' : 'post-report.json');
  const report = secrets.redactData(outcome.report);
  await port.writeFile(reportPath, `${JSON.stringify(report, null, 2)}\n`);
  outputs['report'] = reportPath;
  for (const [output, file] of Object.entries(outcome.files ?? {})) {
    const path = join(folder, safeName(file.name));
    await port.writeFile(path, redact(file.text));
    outputs[output] = path;
  }
  for (const [name, value] of Object.entries(outputs)) {
    if (value !== undefined) port.setOutput(name, redact(String(value)));
  }
  await summarise(port, () => redact(action.render(report)));
  // The failure itself is one of the ten annotations that GitHub shows.
  for (const annotation of mostSevere(outcome.annotations ?? [], outcome.ok ? 10 : 9))
    port.annotate(redacted(annotation, redact));
  if (outcome.ok) port.print(plain(redact(outcome.message)));
  else port.fail(redact(outcome.message));
}

/**
 * Writes the job summary. What was done is done: a summary that cannot be drawn or written is said and changes no
 * result.
 */
async function summarise(port: RunnerPort, render: () => string): Promise<void> {
  try {
    await port.appendSummary(fitSummary(render()));
  } catch (cause) {
    port.annotate({
      level: 'warning',
      message: `The job summary could not be written (${String(cause)}); the report file has everything.`,
    });
  }
}

function redacted(annotation: Annotation, redact: (text: string) => string): Annotation {
  return {
    ...annotation,
    message: redact(annotation.message),
    ...(annotation.title ? { title: redact(annotation.title) } : {}),
    ...(annotation.file ? { file: redact(annotation.file) } : {}),
  };
}

async function publishError(
  action: ActionDefinition,
  phase: Phase,
  error: unknown,
  port: RunnerPort,
  secrets: Secrets,
): Promise<void> {
  const message = secrets.redact(error instanceof Error ? error.message : String(error));
  if (!(error instanceof ConfigurationError) && error instanceof Error)
    port.debug(secrets.redact(error.stack ?? message));
  const temp = port.env['RUNNER_TEMP'];
  if (temp) {
    const path = join(
      temp,
      'devops-actions',
      safeName(port.env['GITHUB_ACTION'] || action.name),
      `${phase}-error.json`,
    );
    const kind = error instanceof ConfigurationError ? 'configuration' : 'error';
    const problems = error instanceof ConfigurationError ? error.problems : undefined;
    const report: ErrorReport = {
      schema: 'devops-actions/error@1',
      action: action.name,
      result: 'error',
      kind,
      message,
      ...(problems ? { problems: [...problems] } : {}),
    };
    await port.writeFile(path, `${JSON.stringify(secrets.redactData(report), null, 2)}\n`).then(
      () => port.setOutput('report', path),
      (cause: unknown) => port.print(`The error report could not be written to ${path}: ${String(cause)}`),
    );
  }
  port.setOutput('result', 'error');
  await summarise(port, () => `## ❌ ${action.title}: stopped with an error\n\n${codeBlock(message)}\n`);
  port.fail(`${action.name}: ${message}`);
}

function safeName(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'action';
}
