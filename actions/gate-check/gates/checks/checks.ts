import * as z from 'zod';
import type { GateResult } from '../../gate/gate.js';
import type { WorkflowNeed } from '../../evidence/tested/runs.js';
import { defineGate } from '../../gate/gate.js';
import { judgeApp, judgeStatus } from './check-posted.js';
import { requirementSchema, type CheckRequirement, type Where } from './check-requirement.js';
import { judgeWorkflow } from './check-workflow.js';
import { placeOf, type Place, type Places } from './place.js';

const schema = z
  .strictObject({
    required: z
      .array(requirementSchema)
      .min(1)
      .describe('Checks and statuses that must have passed on the commit, or where their key on says.'),
    'accept-neutral': z.boolean().default(false).describe('Whether the conclusion neutral counts as passed.'),
    'accept-skipped': z.boolean().default(false).describe('Whether the conclusion skipped counts as passed.'),
  })
  .describe("Checks and statuses of the commit, of its pull request's head or of its merge group.");

type Config = z.output<typeof schema>;

/** The runs that are needed on these commits; undefined where nothing is required there. */
function runsOn({ required }: Config, ...places: Where['on'][]): WorkflowNeed[] | undefined {
  const there = required.filter(({ on }) => places.includes(on));
  return there.length === 0 ? undefined : there.flatMap(runOf);
}

const runOf = (entry: CheckRequirement): WorkflowNeed[] =>
  entry.from === 'workflow' ? [{ workflow: entry.workflow, events: entry.events }] : [];

/** Required checks and statuses are there, from their named source, complete and successful. */
export const checks = defineGate({
  name: 'checks',
  schema,
  needs: {
    checks: (config) => runsOn(config, 'commit', 'merge-group'),
    head: ({ required }) => {
      const there = required.filter(({ on }) => on === 'pull-request');
      return there.length === 0
        ? undefined
        : there.map((entry) => ({ into: entry.into, runs: runOf(entry) }));
    },
    mergeGroups: (config) => runsOn(config, 'merge-group')?.map(({ workflow }) => workflow),
  },
  judge: (config, { request, evidence }) => {
    const found = config.required.map((entry) =>
      judgeRequirement(entry, config, evidence, request.sha, request.run.id),
    );
    const is = (['fail', 'hold'] as const).find((state) => found.some((one) => one.is === state)) ?? 'pass';
    const deciding = found.filter((one) => one.is === is);
    return {
      is,
      ...(is === 'fail' && { mayCome: mayAllCome(deciding) }),
      reason:
        is === 'pass'
          ? `${found.length} of ${found.length} required checks passed`
          : deciding.map(({ reason }) => reason).join('; '),
      notes: found.flatMap(({ notes }) => notes ?? []),
      evidence: found.flatMap((one) => one.evidence ?? []),
    };
  },
});

/** The sooner one when several may still come; undefined when one failure stays. */
function mayAllCome(results: readonly GateResult[]): 'soon' | 'later' | undefined {
  const when = results.map((result) => (result.is === 'fail' ? result.mayCome : undefined));
  if (when.includes(undefined)) return undefined;
  return when.includes('soon') ? 'soon' : 'later';
}

function judgeRequirement(
  entry: CheckRequirement,
  config: Config,
  places: Places,
  sha: string,
  asking: number,
): GateResult {
  const place = placeOf(entry, places, sha);
  if ('refused' in place) return { is: 'fail', reason: `${entry.name}: ${place.refused}` };
  const cut = place.seen.truncated.filter((part) => reads[entry.from].includes(part));
  if (cut.length > 0)
    return {
      is: 'fail',
      reason: `${entry.name}: the ${cut.join(' and ')} of ${place.name} are too many to be read whole`,
    };
  const result = judgeAt(entry, config, place, asking);
  return {
    ...result,
    notes: [...(result.notes ?? []), ...place.notes],
    evidence: [...(result.evidence ?? []), ...place.evidence],
  };
}

/** The lists that a requirement is judged by: where one was cut, what is missing may stand in the rest. */
const reads: Record<CheckRequirement['from'], readonly string[]> = {
  workflow: ['check-suites', 'jobs'],
  app: ['check-suites', 'check-runs'],
  status: [],
};

function judgeAt(entry: CheckRequirement, config: Config, place: Place, asking: number): GateResult {
  switch (entry.from) {
    case 'workflow':
      return judgeWorkflow(entry, { ...config, ...entry.accept }, place, asking);
    case 'app':
      return judgeApp(entry, { ...config, ...entry.accept }, place);
    case 'status':
      return judgeStatus(entry, place);
  }
}
