import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { githubContext, githubEnvironment, runnerContext, type RunFacts } from './contexts.js';
import { ContextDictionary, type ContextValue } from '../../read/expression/expression-data.js';
import { evaluateText, type Scope } from '../../read/expression/expressions.js';
import { hashFiles } from './hash-files.js';
import type { JobControl } from './job-control.js';
import type { Machine } from './machine.js';
import type { Masker } from './masker.js';
import type { StepGroup, StepResults } from './step-group.js';
import type { ProgressEvent, Timings } from '../../request.js';
import type { ThirdPartyMap } from '../../third-party/action.js';
import type { PlannedWorkflow } from '../../plan/planned-workflow.js';
import type { Level } from '../../plan/permissions.js';
import { fullName } from '../../plan/resolve-call.js';
import type { StepsJob } from '../../read/workflow.js';
import type { Templates } from '../../read/workflow-reader.js';

interface JobParts {
  run: RunFacts;
  /** The workflow it is a job of. */
  plan: PlannedWorkflow;
  job: StepsJob;
  /** In the whole run. */
  key: string;
  id: number;
  token: string;
  /** What the token may do, by the names of a workflow. */
  permissions: Record<string, Level>;
  machine: Machine;
  masker: Masker;
  control: JobControl;
  timings: Timings;
  thirdParty: ThirdPartyMap;
  inputs: Record<string, string | number | boolean>;
  /** With `GITHUB_TOKEN`. */
  secrets: Record<string, string>;
  vars: Record<string, string>;
  needs: ContextValue;
  /** `matrix` and `strategy`. */
  variation: Record<string, ContextValue>;
  /** Workflow-level `env`, overridden by the job's. */
  env: Templates[];
  onProgress: (event: ProgressEvent) => void;
}

/** One job while it runs on its machine: what earlier steps left behind, and the contexts made of it. */
export class JobState implements StepGroup {
  /** `job.status`: what `success()`, `failure()` and `cancelled()` of steps look at. */
  status: StepGroup['status'] = 'success';
  /** Environment of all later steps: workflow, job and `GITHUB_ENV`. */
  readonly env: Record<string, string> = {};
  /** `GITHUB_PATH`, the latest last. */
  private prependPath: string[] = [];
  readonly steps: StepResults = {};
  /** `job.services`: what started before the steps. */
  readonly services: Record<string, { id: string; network: string; ports: Record<string, string> }> = {};
  readonly overrides = {};
  readonly github = {};
  readonly debug: boolean;
  /** For the services of the runner itself; no use at the REST API. */
  readonly runtimeToken = randomUUID();
  private readonly ownGithub: ContextDictionary;
  private readonly fixed: Record<string, ContextValue>;

  constructor(readonly parts: JobParts) {
    const { run, job, machine, token, secrets, vars } = parts;
    parts.masker.add(this.runtimeToken);
    this.debug = [secrets['ACTIONS_STEP_DEBUG'], vars['ACTIONS_STEP_DEBUG']].includes('true');
    this.ownGithub = new ContextDictionary({
      ...githubContext(run),
      token,
      job: job.key,
      workspace: machine.workspace,
      event_path: machine.eventPath,
    });
    this.fixed = {
      inputs: new ContextDictionary(parts.inputs),
      vars: new ContextDictionary(vars),
      needs: parts.needs,
      secrets: new ContextDictionary(secrets),
      ...parts.variation,
      runner: runnerContext(machine, this.debug),
    };
    for (const templates of parts.env) {
      for (const [name, template] of Object.entries(templates))
        this.env[name] = evaluateText(template, this.scope());
    }
  }

  get defaults() {
    return this.parts.job.defaults;
  }

  scope(env: Record<string, string> = this.env, github: Record<string, ContextValue> = {}): Scope {
    const { plan, id, machine } = this.parts;
    const { source } = plan;
    const { path } = plan.workflow;
    return {
      contexts: {
        ...this.fixed,
        github: Object.keys(github).length === 0 ? this.ownGithub : this.githubWith(github),
        env: new ContextDictionary(env, true),
        steps: this.steps,
        job: {
          status: this.status,
          services: this.services,
          check_run_id: id,
          workflow_ref: fullName({ source, path }),
          workflow_sha: source.sha,
          workflow_repository: source.repository,
          workflow_file_path: path,
        },
      },
      functions: {
        success: () => this.status === 'success',
        failure: () => this.status === 'failure',
        cancelled: () => this.status === 'cancelled',
        hashFiles: (...patterns) => hashFiles(machine.workspace, patterns),
      },
    };
  }

  /** The environment of a step's process: made here, never this process's own. */
  processEnvironment(
    env: Record<string, string>,
    github: Record<string, ContextValue>,
  ): Record<string, string> {
    const { run, job, machine } = this.parts;
    return {
      HOME: machine.home,
      LANG: 'C.UTF-8',
      CI: 'true',
      RUNNER_TRACKING_ID: machine.trackingId,
      ...run.request.machineEnvironment,
      ...env,
      PATH: this.path(env),
      ...githubEnvironment({
        ...githubContext(run),
        job: job.key,
        workspace: machine.workspace,
        event_path: machine.eventPath,
        ...github,
      }),
      ...Object.fromEntries(
        Object.entries(runnerContext(machine, this.debug)).map(([key, value]) => [
          `RUNNER_${key.toUpperCase()}`,
          value,
        ]),
      ),
      GITHUB_ACTIONS: 'true',
    };
  }

  /** Puts a folder first on PATH for all later steps. */
  addPath(folder: string): void {
    this.prependPath = [...this.prependPath.filter((each) => each !== folder), folder];
  }

  /** PATH for a step with this env: what steps added, the latest first, then the machine's. */
  path(env: Record<string, string>): string {
    return [...this.prependPath.slice().reverse(), env['PATH'] ?? this.basePath()].join(':');
  }

  /** PATH before any step changed it. */
  private basePath(): string {
    const { node, path } = this.parts.run.request;
    return path ?? process.env['PATH'] ?? `${dirname(node)}:/usr/local/bin:/usr/bin:/bin`;
  }

  private githubWith(members: Record<string, ContextValue>): ContextDictionary {
    const copy = new ContextDictionary(members);
    for (const { key, value } of this.ownGithub.pairs())
      if (copy.get(key) === undefined) copy.add(key, value);
    return copy;
  }
}
