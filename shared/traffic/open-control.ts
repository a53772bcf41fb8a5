import { isInlineConfig, readWorkspaceFile } from '../config/load.js';
import { parseConfig } from '../config/parse.js';
import { ConfigurationError } from '../config/problem.js';
import { openGitHub } from '../github/client.js';
import { describeApart } from '../github/clock.js';
import { createHttpClient } from '../http/client.js';
import { spellingOf } from '../ledger/environment.js';
import { lockFile } from '../ledger/refs/lock.js';
import { githubRefStore } from '../ledger/refs/refs.js';
import { readRunFacts } from '../ledger/refs/runs.js';
import { defaultWriters, prover } from '../ledger/proof/trust.js';
import { watchFile } from '../ledger/refs/watch.js';
import { ownWorkflow, runUrl } from '../runner/context.js';
import type { Host } from '../runner/host.js';
import { maskedVariable } from '../runner/masked-variable.js';
import { brokenFacts } from './colour/identity.js';
import { resolveHeaders } from './config/headers.js';
import { trafficSchema } from './config/schema.js';
import type { TrafficControl } from './control.js';
import { openRouter } from './registry.js';
import { Timeline } from './timeline.js';

export interface ControlInputs {
  environment: string;
  service: string;
  /** Its path in the workspace, or the YAML itself. */
  trafficFile: string;
  /** The file's text where it was read before: a clean-up must not be misled by what later steps wrote there. */
  trafficText?: string;
  token: string | undefined;
  /** Id of this job, 0 when GitHub did not say. */
  jobId: number;
  production?: boolean;
  writers?: readonly string[];
  /** Workflow files whose runs may write the ledger; any when undefined. */
  releaseWorkflows?: readonly string[] | undefined;
}

/**
 * What the inputs of an action that moves traffic say about it, without the token, so that it may be kept for a
 * clean-up.
 */
export function controlInputs(values: {
  environment: string;
  service: string;
  traffic: string;
  'job-id'?: number | undefined;
  'ledger-writers': readonly string[];
  'release-workflows'?: readonly string[] | undefined;
  'production-environment'?: boolean | undefined;
}): Omit<ControlInputs, 'token'> {
  const production = values['production-environment'];
  return {
    environment: values.environment,
    service: values.service,
    trafficFile: values.traffic,
    jobId: values['job-id'] ?? 0,
    writers: values['ledger-writers'],
    releaseWorkflows: values['release-workflows'],
    ...(production === undefined ? {} : { production }),
  };
}

/** What a traffic file says, and what it names, opened. */
export type OpenTraffic = Pick<TrafficControl, 'config' | 'trafficText' | 'colours' | 'router' | 'http'>;

/** Reads the traffic file, opens the router and the HTTP client. Nothing is changed by it, and GitHub is not asked. */
export async function openTraffic(
  host: Host,
  inputs: Pick<ControlInputs, 'trafficFile' | 'trafficText'>,
): Promise<OpenTraffic> {
  const { context, clock } = host;
  const inline = isInlineConfig(inputs.trafficFile);
  const file = inline ? 'input traffic' : inputs.trafficFile;
  const trafficText =
    inputs.trafficText ??
    (inline ? inputs.trafficFile : await readWorkspaceFile(context.workspace, file, 'traffic'));
  const parsed = parseConfig(trafficText, file, trafficSchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  const { config, missing, secrets } = resolveHeaders(parsed.value, (name) => host.variable(name));
  for (const secret of secrets) host.mask(secret);
  const addresses = [...config.entries, ...Object.values(config.colours)].flatMap((part) =>
    'urls' in part ? part.urls : [part.url],
  );
  for (const url of addresses) {
    const { password } = new URL(url);
    if (password !== '') host.mask(decoded(password));
  }
  const unsent = missing.map(({ path, variable, why }) => ({
    file,
    ...parsed.placeOf(path),
    path: path.join('.'),
    got: `the variable ${variable}, which ${why}`,
    allowed: 'a variable of this step with a value of one line',
    fix: `under "env:" of the step add  ${variable}: \${{ secrets.${variable} }}`,
  }));
  const broken = (await brokenFacts(config.identity)).map(({ path, got, why }) => ({
    file,
    ...parsed.placeOf(path),
    path: path.join('.'),
    got,
    allowed: 'a JSONPath (RFC 9535) that finds one value, such as $.version',
    fix: `correct it: ${why}`,
  }));
  if (broken.length + unsent.length > 0) throw new ConfigurationError([...unsent, ...broken]);
  const http = createHttpClient();
  return {
    config,
    trafficText,
    colours: Object.keys(config.colours),
    router: await openRouter(config.router, {
      http,
      clock,
      workspace: context.workspace,
      variable: (name) => host.variable(name),
    }),
    http,
  };
}

/** The same with the ledger: all that moving traffic takes. Nothing is changed by it. */
export async function openTrafficControl(host: Host, inputs: ControlInputs): Promise<TrafficControl> {
  const { context, clock, random, signal } = host;
  const traffic = await openTraffic(host, inputs);
  const github = await openGitHub({ token: inputs.token, at: context, clock, random });
  const timeline = new Timeline(clock, (line) => host.log.info(line));
  const environment = await spellingOf(github, inputs.environment, timeline);
  const apart = describeApart(github.ahead());
  if (apart !== undefined) timeline.say(apart);
  const store = githubRefStore(github);
  return {
    environment,
    service: inputs.service,
    production: inputs.production ?? environment.toLowerCase() === 'production',
    ...traffic,
    github,
    lock: lockFile(store, environment, inputs.service),
    watch: watchFile(store, environment, inputs.service),
    me: {
      runId: context.runId,
      attempt: context.attempt,
      job: inputs.jobId,
      actor: context.actor,
      workflow: context.workflowRef,
    },
    writers: inputs.writers ?? defaultWriters,
    prove: prover(
      github,
      { workflows: inputs.releaseWorkflows },
      {
        runId: context.runId,
        proof: {
          repository: `${context.owner}/${context.repository}`,
          path: ownWorkflow(context),
          event: context.eventName,
          headSha: context.sha,
          attempt: context.attempt,
        },
      },
    ),
    once: { store, clock, random, now: () => github.now(), signal },
    clock,
    random,
    signal,
    timeline,
    variable: maskedVariable(host),
    runUrl: runUrl(context),
    runFacts: (runId, attempt) => readRunFacts(github, runId, attempt),
    close: () => traffic.http.close(),
  };
}

/**
 * A part of an address as it was before it was encoded; itself where it is not encoded well, which the request then
 * says.
 */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
