/** A place in a workflow file: which contexts and functions GitHub allows an expression there. */
export interface Position {
  readonly contexts: readonly string[];
  /** `success()` and siblings; a job's accept job ids. */
  readonly status?: 'job' | 'step';
  readonly hashFiles?: boolean;
}

const run = ['github', 'inputs', 'vars'];
const job = [...run, 'needs', 'strategy', 'matrix'];
const afterSteps = [...job, 'steps', 'job', 'runner', 'env'];
const insideAction = ['github', 'inputs', 'strategy', 'matrix', 'steps', 'job', 'runner', 'env'];

/** GitHub docs, "Contexts reference: context availability". */
export const positions = {
  runName: { contexts: run },
  workflowEnv: { contexts: [...run, 'secrets'] },
  workflowConcurrency: { contexts: run },
  jobIf: { contexts: [...run, 'needs'], status: 'job' },
  strategy: { contexts: [...run, 'needs'] },
  job: { contexts: job },
  jobEnv: { contexts: [...job, 'secrets'] },
  serviceEnv: { contexts: [...afterSteps, 'secrets'] },
  jobDefaults: { contexts: [...job, 'env'] },
  environmentUrl: { contexts: afterSteps },
  jobOutput: { contexts: [...afterSteps, 'secrets'] },
  stepIf: { contexts: afterSteps, status: 'step', hashFiles: true },
  step: { contexts: [...afterSteps, 'secrets'], hashFiles: true },
  stepShell: { contexts: [] },
  callInput: { contexts: job },
  callSecret: { contexts: [...job, 'secrets'] },
  callInputDefault: { contexts: run },
  callOutput: { contexts: [...run, 'jobs'] },
  // actions/runner, action_yaml.json: neither secrets nor vars nor needs.
  compositeStep: { contexts: insideAction, hashFiles: true },
  compositeStepIf: { contexts: insideAction, status: 'step', hashFiles: true },
  actionOutput: { contexts: insideAction },
  actionInput: { contexts: ['github', 'strategy', 'matrix', 'job', 'runner'], hashFiles: true },
} satisfies Record<string, Position>;
