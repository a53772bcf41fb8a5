import { messageOf } from '../message-of.js';
import { readWorkflow } from '../read/workflow-file.js';
import { isCall, type CallJob, type Step, type StepsJob } from '../read/workflow.js';
import { WorkflowError } from '../read/workflow-reader.js';
import type { WorkflowRequest } from '../request.js';
import type { ThirdPartyMap } from '../third-party/action.js';
import { checkParameters, passedSecrets } from './call-parameters.js';
import { findService } from './find-service.js';
import { aboveCeiling } from './permission-ceiling.js';
import type { PlannedWorkflow } from './planned-workflow.js';
import { resolveAction } from './resolve-action.js';
import { fullName, resolveCall, type CalledFile } from './resolve-call.js';
import { gitSource } from './source.js';
import { secretSource } from './trust.js';

/** GitHub docs, "Limitations of reusable workflows". */
const most = { levels: 4, called: 20 };

type Part = Pick<
  WorkflowRequest,
  'workflow' | 'event' | 'repository' | 'actions' | 'services' | 'secrets' | 'environmentSecrets'
>;

/** Where a file is called from. */
interface Surroundings {
  /** The files that led to it. */
  above: readonly string[];
  /** Names of the secrets it has, in lower case. */
  secrets: readonly string[];
}

/** Secrets that a job of the run can have, in one environment or another. */
function secretNames({ secrets, environmentSecrets = {}, ...part }: Part): string[] {
  if (secretSource(part) !== 'Actions') return [];
  return [secrets, ...Object.values(environmentSecrets)]
    .flatMap(Object.keys)
    .map((name) => name.toLowerCase());
}

/**
 * Reads the workflow at its commit with all it calls. Rejects with a {@link WorkflowError} that names, before anything
 * runs, all that GitHub or this runner would refuse.
 */
export async function planWorkflow(request: Part, thirdParty: ThirdPartyMap): Promise<PlannedWorkflow> {
  const { event, repository, workflow: path } = request;
  const source = gitSource({
    repository: `${repository.owner}/${repository.name}`,
    ref: event.ref,
    sha: event.sha,
    gitDir: repository.gitDir,
  });
  const planned = await new Planner(request, thirdParty).read(
    { source, path },
    { above: [], secrets: secretNames(request) },
  );
  const problems = aboveCeiling(planned);
  if (problems.length > 0) throw new WorkflowError(problems);
  return planned;
}

class Planner {
  private readonly called = new Set<string>();

  constructor(
    private readonly request: Part,
    private readonly thirdParty: ThirdPartyMap,
  ) {}

  /** Reads one file and what it calls. */
  async read(file: CalledFile, around: Surroundings): Promise<PlannedWorkflow> {
    const { source, path } = file;
    const workflow = readWorkflow(path, await source.read(path));
    const problems: string[] = [];
    const calls = new Map<string, PlannedWorkflow>();
    for (const job of workflow.jobs) {
      const found = isCall(job)
        ? await this.call(job, file, around, calls)
        : [
            ...unknownServices(job, this.request.services),
            ...unknownActions(job.steps, this.request.actions, this.thirdParty),
          ];
      problems.push(...found.map(({ line, message }) => `${path}:${line}: ${message}`));
    }
    if (problems.length > 0) throw new WorkflowError(problems);
    return { workflow, source, calls };
  }

  private async call(
    job: CallJob,
    file: CalledFile,
    { above, secrets }: Surroundings,
    calls: Map<string, PlannedWorkflow>,
  ): Promise<{ line: number; message: string }[]> {
    const at = (message: string) => [{ line: job.usesLine, message }];
    let callee: CalledFile;
    let planned: PlannedWorkflow;
    try {
      callee = await resolveCall(job.uses, file.source, this.request);
      const chain = [...above, fullName(file)];
      const name = fullName(callee);
      if (chain.includes(name)) return at(`'${job.uses}' calls itself: ${[...chain, name].join(' → ')}`);
      if (chain.length >= most.levels) {
        return at(`'${job.uses}': at most ${most.levels} levels of workflows may be connected`);
      }
      this.called.add(name);
      if (this.called.size > most.called) {
        return at(`'${job.uses}': at most ${most.called} different workflows may be called`);
      }
      planned = await this.read(callee, { above: chain, secrets: passedSecrets(job, secrets) });
    } catch (error) {
      const problems = error instanceof WorkflowError ? error.problems : [messageOf(error)];
      return problems.flatMap((problem) => at(`error parsing called workflow '${job.uses}': ${problem}`));
    }
    const { call } = planned.workflow;
    if (call === undefined) {
      return at(`'${job.uses}': workflow_call key is not defined in the referenced workflow.`);
    }
    calls.set(job.key, planned);
    return checkParameters(job, call, secrets);
  }
}

/** Images without a local server, as far as they are known before the run. */
function unknownServices(
  { key, services }: StepsJob,
  known: WorkflowRequest['services'],
): { line: number; message: string }[] {
  return services.flatMap(({ name, image, line }) => {
    if (image.source === '' || image.source.includes('${{')) return [];
    try {
      findService(image.source, known);
      return [];
    } catch (error) {
      return [{ line, message: `jobs.${key}.services.${name}: ${messageOf(error)}` }];
    }
  });
}

/** What the steps use that has no local code, and what the composite actions among it use, as far as they are known. */
function unknownActions(
  steps: readonly Step[],
  actions: Record<string, string>,
  thirdParty: ThirdPartyMap,
  above: readonly string[] = [],
): { line: number; message: string }[] {
  return steps.flatMap(({ action, line }) => {
    if (!('uses' in action)) return [];
    try {
      const resolved = resolveAction(action.uses, actions, thirdParty);
      if (resolved.kind !== 'repository' || resolved.manifest.kind !== 'composite') return [];
      // How deep they may go is looked at when they run.
      if (above.includes(action.uses)) return [];
      const { steps: inner } = resolved.manifest;
      return unknownActions(inner, actions, thirdParty, [...above, action.uses]).map(
        ({ message, line: at }) => ({
          line,
          message: `'${action.uses}', line ${at}: ${message}`,
        }),
      );
    } catch (error) {
      return [{ line, message: messageOf(error) }];
    }
  });
}
