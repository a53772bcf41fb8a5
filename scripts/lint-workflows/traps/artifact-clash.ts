import { uploadsOf, type Upload } from '../workflow/uploads.js';
import type { Job, Workflow } from '../workflow/workflow.js';
import type { Caught, Trap } from './trap.js';

/** Two jobs of one run that upload an artifact of the same name: the second upload fails, or replaces the first. */
export const artifactClash: Trap = {
  name: 'artifact-clash',
  *catch(workflow, tree) {
    const seen = new Map<string, Upload[]>();
    const reported = new Set<unknown>();
    for (const next of uploadsOf(workflow, tree)) {
      const earlier = seen.get(next.name) ?? [];
      seen.set(next.name, [...earlier, next]);
      const first = earlier.find((upload) => clashes(upload, next, workflow));
      if (!first || reported.has(next.step)) continue;
      reported.add(next.step);
      yield report(first, next, workflow);
    }
  },
};

function clashes(first: Upload, next: Upload, workflow: Workflow): boolean {
  const isSameStep = first.step === next.step;
  // What clashes inside one call of a workflow is reported where that workflow is looked at itself.
  if (first.instance === next.instance && next.file !== workflow.path) return false;
  if (isSameStep && first.job === next.job) return true;
  if (next.isOverwrite) return false;
  return !(first.isConditional && next.isConditional) || comesAfter(next.job, first.job, workflow);
}

/** Whether a job waits for the other one, so that both run in one run. */
function comesAfter(job: Job, other: Job, workflow: Workflow, seen = new Set<string>()): boolean {
  if (seen.has(job.id)) return false;
  seen.add(job.id);
  return job.needs.some((id) => {
    const need = workflow.jobs.find((candidate) => candidate.id === id);
    return need !== undefined && (need === other || comesAfter(need, other, workflow, seen));
  });
}

function report(first: Upload, next: Upload, workflow: Workflow): Caught {
  const isMatrix = first.job === next.job && first.instance !== next.instance;
  const who = isMatrix ? `Jobs of the matrix of ${next.job.id}` : `Jobs ${first.job.id} and ${next.job.id}`;
  const where =
    next.file === workflow.path
      ? isMatrix
        ? ''
        : ` (first in line ${first.place.line})`
      : ` (${next.file})`;
  const end = next.isOverwrite ? 'the last one replaces the others' : 'the second upload fails with 409';
  const key = isMatrix ? 'the keys of the matrix' : 'the job or an input';
  return {
    place: next.file === workflow.path ? next.place : next.job.place,
    message: `${who} upload an artifact of one name, "${next.written}"${where}: ${end}.`,
    fix: `put ${key} into "name", such as  name: ${example(next, isMatrix)}`,
  };
}

function example({ written, job }: Upload, isMatrix: boolean): string {
  if (!isMatrix) return `${written}-${job.id}`;
  const [axis] = job.node.get('strategy')?.get('matrix')?.pairs ?? [];
  const key = axis && axis.key !== 'include' ? `matrix.${axis.key}` : 'strategy.job-index';
  return `${written}-\${{ ${key} }}`;
}
