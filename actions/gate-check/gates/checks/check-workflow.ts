import type { GateResult } from '../../gate/gate.js';
import type { CheckRequirement } from './check-requirement.js';
import { judgeRuns, matchesName } from './check-run.js';
import { worst, type Accepting } from './check-state.js';
import { namesFound } from './near-names.js';
import type { Place } from './place.js';

type Required = Extract<CheckRequirement, { from: 'workflow' }>;

/** A job of the newest run of a workflow, for each event that counts; `asking` is the run that asks. */
export function judgeWorkflow(
  entry: Required,
  accept: Accepting,
  { name: where, sha, seen, deciding, doubt }: Place,
  asking: number,
): GateResult {
  const runs = seen.runs.filter(
    (run) =>
      run.path === entry.workflow &&
      entry.events.includes(run.event) &&
      run.headSha === sha &&
      run.id !== asking,
  );
  const proven = new Set(runs.flatMap((run) => run.jobs.map(({ id }) => id)));
  const notes = seen.posted
    .filter(({ id, name }) => matchesName(entry.name, name) && !proven.has(id))
    .map((check) => {
      if (check.run?.id === asking) return `left out: ${check.name} of this very run`;
      const by = check.app?.slug ?? 'a deleted App';
      const under = check.run ? `, under ${check.run.workflow} (${check.run.event})` : '';
      return `ignored: a check named ${check.name} (${check.conclusion ?? check.status}) posted by ${by}${under}, which is no job of ${entry.workflow} on ${entry.events.join(', ')}`;
    });
  if (runs.length === 0) {
    const asked = `${entry.workflow} (${entry.events.join(', ')})`;
    const reason = `${entry.name}: no run of ${asked} on ${where} was found${insteadOf(entry, seen, asking)}`;
    return { is: 'fail', mayCome: 'soon', reason, notes };
  }
  const newest = entry.events.flatMap((event) => deciding(runs.filter((run) => run.event === event)));
  return worst(
    newest.map((run): GateResult => {
      const why = doubt(run);
      const what = `${entry.name} of run #${run.number} (${run.event})`;
      if (why !== undefined) return { is: 'fail', reason: `${what} does not count: ${why}` };
      return judgeRuns(entry.name, run, accept);
    }),
    notes,
  );
}

/** What ran there in its place: the same workflow for other events, or workflows of other names. */
function insteadOf({ workflow, events }: Required, { posted }: Place['seen'], asking: number): string {
  const others = posted.flatMap(({ run }) => (run && run.id !== asking ? [run] : []));
  const own = [...new Set(others.filter((run) => run.workflow === workflow).map(({ event }) => event))]
    .filter((event) => !events.includes(event))
    .sort();
  if (own.length > 0)
    return `; it ran there for ${own.join(', ')}, which does not count unless the policy says so under events`;
  const workflows = others.map((run) => run.workflow).filter((path) => path !== workflow);
  const found = namesFound(workflow, workflows, { fix: (near) => `workflow: ${near}` });
  return found ? `; there ran ${found}` : '';
}
