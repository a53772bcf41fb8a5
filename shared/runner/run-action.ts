import { join } from 'node:path';
import { ConfigurationError } from '../config/problem.js';
import { mostSevere } from '../report/limits.js';
import { codeBlock } from '../report/markdown.js';
import type { ErrorReport } from '../contracts/reports/error-report.js';
import { readContext, type RunContext } from './context.js';
import type { Annotation } from '../report/annotation.js';
import type { ActionDefinition, Outcome } from './define-action.js';
import { helpFor } from './help.js';
import type { Host, Log } from './host.js';
import { actionsRunner, type RunnerPort } from './port.js';
import { readInputs, secretInputs } from './read-inputs.js';
import { Secrets } from './secrets.js';
import { plain, Sinks } from './sinks.js';

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
      save: (key, value) => saveState(port, key, value, log),
      read: (key) => port.env[`STATE_${key}`] || undefined,
    },
    variable: (name) => port.env[name],
  };
}

/** A step is not stopped, least of all a rescue, because its clean-up could not be prepared. */
function saveState(port: Pick<RunnerPort, 'saveState'>, key: string, value: string, log: Log): void {
  try {
    port.saveState(key, value);
  } catch (cause) {
    log.warning(
      `What this step does could not be noted for its clean-up after the job (${String(cause)}). If the step is cut off now, the clean-up cannot finish it.`,
    );
  }
}

async function publish(
  { action, phase, context }: { action: ActionDefinition; phase: Phase; context: RunContext },
  outcome: Outcome<Record<string, unknown>, unknown>,
  port: RunnerPort,
  secrets: Secrets,
): Promise<void> {
  const redact = (text: string) => secrets.redact(text);
  const sinks = new Sinks(port, redact);
  const folder = join(context.temp, 'devops-actions', safeName(context.step || action.name));
  const report = secrets.redactData(outcome.report);
  // On a disk that is nearly full, what later steps decide by comes first.
  for (const [name, value] of Object.entries(outcome.outputs)) {
    if (value !== undefined) await sinks.output(name, String(value));
  }
  const reportPath = join(folder, phase === 'main' ? 'report.json' : 'post-report.json');
  await sinks.file('report', reportPath, `${JSON.stringify(report, null, 2)}\n`);
  await sinks.summary(() => withHelp(action.render(report), report, port));
  for (const [output, file] of Object.entries(outcome.files ?? {}))
    await sinks.file(output, join(folder, safeName(file.name)), redact(file.text));
  // The failure itself, and what could not be written, are among the ten annotations that GitHub shows.
  const most = 10 - (outcome.ok ? 0 : 1) - (sinks.lost === undefined ? 0 : 1);
  for (const annotation of mostSevere(outcome.annotations ?? [], most))
    port.annotate(redacted(annotation, redact));
  sayLost(sinks, port);
  if (outcome.ok) sinks.print(outcome.message);
  else port.fail(redact(outcome.message));
}

/** A summary, and where the refusals in what it is about are explained. */
function withHelp(summary: string, about: unknown, { env }: Pick<RunnerPort, 'env'>): string {
  return `${summary}${helpFor(summary, about, {
    serverUrl: env['GITHUB_SERVER_URL'] || 'https://github.com',
    repository: env['GITHUB_ACTION_REPOSITORY'],
    ref: env['GITHUB_ACTION_REF'],
  })}`;
}

function sayLost({ lost }: Pick<Sinks, 'lost'>, port: Pick<RunnerPort, 'annotate'>): void {
  if (lost !== undefined) port.annotate({ level: 'warning', message: lost });
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
  const sinks = new Sinks(port, (text) => secrets.redact(text));
  const outputs: Record<string, unknown> = (phase === 'main' && action.outputsOfError?.(message)) || {};
  for (const [name, value] of Object.entries({ ...outputs, result: 'error' }))
    await sinks.output(name, String(value));
  const temp = port.env['RUNNER_TEMP'];
  if (temp) {
    const folder = join(temp, 'devops-actions', safeName(port.env['GITHUB_ACTION'] || action.name));
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
    const text = `${JSON.stringify(secrets.redactData(report), null, 2)}\n`;
    await sinks.file('report', join(folder, `${phase}-error.json`), text);
  }
  await sinks.summary(() =>
    withHelp(`## ❌ ${action.title}: stopped with an error\n\n${codeBlock(message)}\n`, message, port),
  );
  sayLost(sinks, port);
  port.fail(`${action.name}: ${message}`);
}

function safeName(text: string): string {
  return text.replace(/[^\w.-]+/g, '-').replace(/^\.+/, '') || 'action';
}
