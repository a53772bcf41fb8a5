/** What a local equivalent of a third-party action gets to work with. */
export interface BuiltinContext {
  /** `with`, over the declared defaults. */
  inputs: Record<string, string>;
  repository: { owner: string; name: string; gitDir: string };
  ref: string;
  sha: string;
  event: { name: string; payload: Record<string, unknown> };
  serverUrl: string;
  token: string;
  /** What the token may do, by the names of a workflow. */
  permissions: Readonly<Record<string, 'read' | 'write'>>;
  workspace: string;
  temp: string;
  /** Node binary of the run. */
  node: string;
  /** PATH of the steps. */
  path: string;
  runId: number;
  attempt: number;
  /** Folder of a run's artifacts, shared by its jobs and attempts. */
  artifacts: (runId: number) => string;
  setOutput: (name: string, value: string) => void;
  addPath: (folder: string) => void;
  log: (line: string) => void;
  warning: (message: string) => void;
  /** Aborted when the step is cancelled. */
  signal: AbortSignal;
}

/** A local equivalent that runs inside this process. A rejection fails the step with its message. */
export interface BuiltinAction {
  /** Known inputs with their defaults; others are warned about. */
  inputs: Record<string, string>;
  run: (context: BuiltinContext) => Promise<void>;
  post?: (context: BuiltinContext) => Promise<void>;
}

/** Either code of this process or the folder of a JavaScript action. */
export type ThirdPartyAction = BuiltinAction | { folder: string };

/** `owner/repo` or `owner/repo/path`, without a ref → its local equivalent. */
export type ThirdPartyMap = Record<string, ThirdPartyAction>;
