import type { ConcurrencyGroups } from './concurrency.js';
import type { ThirdPartyMap } from './third-party/action.js';

/** What a job, step or run ended as. */
export type Result = 'success' | 'failure' | 'cancelled' | 'skipped';

/** The waits of the runner and of the Actions service, all in milliseconds. */
export interface Timings {
  /** Between SIGINT and SIGTERM. */
  sigintMs: number;
  /** Between SIGTERM and SIGKILL. */
  sigtermMs: number;
  /** What one minute of `timeout-minutes` lasts. */
  minuteMs: number;
  /** From the cancellation of a run to the forced end of what still runs. */
  cancelDeadlineMs: number;
  /** From the loss of a machine to the moment the service fails its job. */
  lostMs: number;
  /** How long output is awaited from children that outlive their step's process. */
  drainMs: number;
  /** Between two looks at an approval. */
  approvalPollMs: number;
}

/** The real ones, except the approval poll. */
export const realTimings: Timings = {
  sigintMs: 7_500,
  sigtermMs: 2_500,
  minuteMs: 60_000,
  cancelDeadlineMs: 300_000,
  lostMs: 600_000,
  drainMs: 5_000,
  approvalPollMs: 100,
};

/** A port of a service, and the port of the machine where it is asked for by number. */
export interface ServicePort {
  container: number;
  host?: number;
}

/** A service container of a job, for which a server of this machine is to stand. */
export interface ServiceRequest {
  /** Its key under `services`. */
  name: string;
  image: string;
  env: Record<string, string>;
  ports: ServicePort[];
  /** As for `docker create`. */
  options: string;
  /** An empty folder of its own. */
  folder: string;
  /** Aborted when the job is cancelled. */
  signal: AbortSignal;
}

export interface RunningService {
  /** Port of the container → port of this machine where the same answers. */
  ports: Record<number, number>;
  /** Resolves when it is healthy; only awaited, as on GitHub, where `options` have a `--health-cmd`. */
  ready?: Promise<void>;
  stop: () => Promise<void>;
}

/** Starts a server that stands for an image; resolves as soon as it has its ports. */
export type StartService = (request: ServiceRequest) => Promise<RunningService>;

/** What stands for a script of an action: writes its lines and returns its exit code. */
export type PlayedScript = (
  environment: Readonly<Record<string, string>>,
  onLine: (line: string) => void,
) => number;

/** One run of one workflow file on this machine. */
export interface WorkflowRequest {
  /** Path inside the repository, e.g. `.github/workflows/cd.yml`; read at `event.sha`. */
  workflow: string;
  /** `gitDir`: a real repository on this machine (bare or not). */
  repository: { owner: string; name: string; gitDir: string };
  event: {
    name: string;
    /** Full ref, e.g. `refs/heads/main`. */
    ref: string;
    sha: string;
    actor: string;
    payload: unknown;
    /**
     * Raw `workflow_dispatch` inputs; defaults and types come from the workflow file. A new attempt keeps those it had.
     */
    inputs?: Record<string, string>;
  };
  /** Base URL of the GitHub stand-in: REST, `/graphql` and `/_control`. */
  github: { url: string };
  /** `org/devops-actions` → folder that holds its action folders. */
  actions: Record<string, string>;
  /** Added to, and winning over, the default third-party equivalents. */
  thirdParty?: ThirdPartyMap;
  /** Name of an image, `postgres` or `postgres:16` → what starts the server that stands for it. */
  services?: Record<string, StartService>;
  secrets: Record<string, string>;
  environmentSecrets?: Record<string, Record<string, string>>;
  vars: Record<string, string>;
  environmentVars?: Record<string, Record<string, string>>;
  /** Absolute path of the node binary that runs JavaScript actions. */
  node: string;
  /** Scripts of JavaScript actions that this process plays itself, by their absolute path. */
  played?: Readonly<Record<string, PlayedScript>>;
  /** Variables of the machine, as a self-hosted runner's `.env` file gives them to every step. */
  machineEnvironment?: Record<string, string>;
  /** PATH of the steps; default: this process's PATH. */
  path?: string;
  /** Workspaces, `_temp`, artifacts, logs and summaries go here. */
  workDir: string;
  /** Called when jobs wait for the approval of an environment; once for those that wait at the same time. */
  approve?: (environment: string, runId: number) => Promise<void>;
  onProgress: (event: ProgressEvent) => void;
  /** Cancels the run as the Cancel button does. */
  signal?: AbortSignal;
  /** The machines that run jobs at the time of the abort die. */
  lose?: AbortSignal;
  /** A new attempt: jobs that succeeded keep results and outputs; dependents of re-run jobs run again. */
  rerun?: { runId: number; jobs: 'failed' | string[]; actor?: string };
  /** Jobs of this run that may run at the same time. Default 4. */
  maxParallel?: number;
  /** Default: one object shared by the whole process. */
  concurrency?: ConcurrencyGroups;
  timings?: Partial<Timings>;
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice';
  message: string;
  title?: string;
  file?: string;
  line?: number;
  endLine?: number;
  column?: number;
  endColumn?: number;
}

export interface StepReport {
  name: string;
  id?: string;
  stage: 'pre' | 'main' | 'post';
  /** Before and after `continue-on-error`. */
  outcome: Result;
  conclusion: Result;
  outputs: Record<string, string>;
  /** Masked markdown; empty when none, or when over 1 MiB. */
  summary: string;
  annotations: Annotation[];
  /** Masked, one line per line of output. */
  log: string;
  /** Epoch milliseconds. */
  startedAt: number;
  durationMs: number;
}

export interface JobReport {
  /** Job id, which is also the check-run id. */
  id: number;
  /** As GitHub shows it, and as its check is called. */
  name: string;
  /** What `needs.<job>.result` and `if` see: success for a failed job with `continue-on-error`. */
  result: Result;
  /** What the check run says. */
  conclusion: Result;
  outputs: Record<string, string>;
  steps: StepReport[];
  /** Set for jobs whose environment has a `url`. */
  environmentUrl?: string;
  /** Said of the job rather than of a step: why it waited, was cancelled or could not start. */
  annotations: Annotation[];
}

export interface RunReport {
  /** Raw `workflow_dispatch` inputs; a new attempt has the same. */
  inputs: Record<string, string>;
  runId: number;
  runNumber: number;
  attempt: number;
  conclusion: 'success' | 'failure' | 'cancelled';
  /** By key; a job of a called workflow as `call.job`, one of a matrix as `job.values`, such as `test._20_ubuntu`. */
  jobs: Record<string, JobReport>;
}

/** What happens while it happens; every text is masked. */
export type ProgressEvent =
  | { type: 'run'; runId: number; attempt: number; status: 'pending' | 'in_progress' }
  | { type: 'run'; runId: number; attempt: number; status: 'completed'; conclusion: RunReport['conclusion'] }
  | { type: 'job'; job: string; id: number; name: string; status: 'queued' | 'waiting' | 'in_progress' }
  | { type: 'job'; job: string; id: number; name: string; status: 'completed'; conclusion: Result }
  | { type: 'step'; job: string; step: string; status: 'started' }
  | { type: 'step'; job: string; step: string; status: 'completed'; conclusion: Result; durationMs: number }
  | { type: 'log'; job: string; step: string; line: string }
  | { type: 'annotation'; job: string; step?: string; annotation: Annotation };
