import * as z from 'zod';
import type { Checks } from '../../evidence/checks.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import { judgeRuns, matchesName } from './check-run.js';
import { judgeState, worst } from './check-state.js';
import { requirementSchema, type CheckRequirement } from './check-requirement.js';
import { defineGate, type GateResult } from '../../gate/gate.js';

const schema = z
  .strictObject({
    required: z
      .array(requirementSchema)
      .min(1)
      .describe('Checks and statuses that must have passed on the commit.'),
    'accept-neutral': z.boolean().default(false).describe('Whether the conclusion neutral counts as passed.'),
    'accept-skipped': z.boolean().default(false).describe('Whether the conclusion skipped counts as passed.'),
  })
  .describe('Checks and statuses of the commit.');

type Config = z.output<typeof schema>;

/** Required checks and statuses are there, from their named source, complete and successful. */
export const checks = defineGate({
  name: 'checks',
  schema,
  needs: {
    checks: ({ required }) =>
      required.flatMap((entry) => (entry.from === 'workflow' ? [entry.workflow] : [])),
  },
  judge: (config, { request, evidence }) => {
    const found = config.required.map((entry) => judgeRequirement(entry, config, evidence.checks, request));
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
  seen: Checks,
  request: GateRequest,
): GateResult {
  switch (entry.from) {
    case 'workflow':
      return judgeWorkflow(entry, { ...config, ...entry.accept }, seen, request);
    case 'app':
      return judgeApp(entry, { ...config, ...entry.accept }, seen);
    case 'status':
      return judgeStatus(entry, seen);
  }
}

type Of<From> = Extract<CheckRequirement, { from: From }>;

function judgeWorkflow(
  entry: Of<'workflow'>,
  config: Config,
  seen: Checks,
  { sha, run: asking }: GateRequest,
): GateResult {
  const cut = seen.truncated.filter((part) => part === 'check-suites' || part === 'jobs');
  if (cut.length > 0) return truncated(entry.name, cut);
  const runs = seen.runs.filter(
    (run) =>
      run.path === entry.workflow &&
      entry.events.includes(run.event) &&
      run.headSha === sha &&
      run.id !== asking.id,
  );
  const proven = new Set(runs.flatMap((run) => run.jobs.map(({ id }) => id)));
  const notes = seen.posted
    .filter(({ id, name }) => matchesName(entry.name, name) && !proven.has(id))
    .map((check) => {
      if (check.run?.id === asking.id) return `left out: ${check.name} of this very run`;
      const by = check.app?.slug ?? 'a deleted App';
      const where = check.run ? `, under ${check.run.workflow} (${check.run.event})` : '';
      return `ignored: a check named ${check.name} (${check.conclusion ?? check.status}) posted by ${by}${where}, which is no job of ${entry.workflow} on ${entry.events.join(', ')}`;
    });
  const where = `${entry.workflow} (${entry.events.join(', ')})`;
  if (runs.length === 0) {
    const reason = `${entry.name}: no run of ${where} on this commit was found`;
    return { is: 'fail', mayCome: 'soon', reason, notes };
  }
  const newest = entry.events.flatMap((event) => newestOf(runs.filter((run) => run.event === event)));
  return worst(
    newest.map((run) => judgeRuns(entry.name, run, config)),
    notes,
  );
}

/** The newest by number: texts and clocks order run 1000 before run 999. */
function newestOf<T extends { number: number }>(runs: readonly T[]): T[] {
  return runs.length === 0 ? [] : [runs.reduce((a, b) => (b.number > a.number ? b : a))];
}

function judgeApp(entry: Of<'app'>, config: Config, seen: Checks): GateResult {
  const cut = seen.truncated.filter((part) => part === 'check-suites' || part === 'check-runs');
  if (cut.length > 0) return truncated(entry.name, cut);
  const named = seen.posted.filter(({ name }) => name === entry.name);
  const notes = named
    .filter(({ app }) => app?.id !== entry.app)
    .map(
      ({ app, conclusion, status }) =>
        `ignored: a check named ${entry.name} (${conclusion ?? status}) posted by ${app ? `${app.slug}, App ${app.id}` : 'a deleted App'}, not by App ${entry.app}`,
    );
  const own = named.filter(({ app }) => app?.id === entry.app);
  if (own.length === 0)
    return {
      is: 'fail',
      mayCome: 'later',
      reason: `${entry.name}: no check of App ${entry.app} on this commit was found`,
      notes,
    };
  const newest = own.reduce((a, b) => (b.id > a.id ? b : a));
  return worst([judgeState(`${entry.name} of App ${entry.app}`, newest, config)], notes);
}

function judgeStatus(entry: Of<'status'>, seen: Checks): GateResult {
  const status = seen.statuses.find(({ context }) => context === entry.name);
  if (!status) {
    const reason = `${entry.name}: no such status on this commit was found`;
    return { is: 'fail', mayCome: 'later', reason };
  }
  const evidence = status.url ? [{ text: entry.name, url: status.url }] : [];
  const login = status.creator.bot
    ? `${status.creator.login.replace(/\[bot\]$/, '')}[bot]`
    : status.creator.login;
  if (login.toLowerCase() !== entry.creator.toLowerCase()) {
    return {
      is: 'fail',
      reason: `${entry.name}: the newest status of this name is by ${login}, not by ${entry.creator}`,
      evidence,
    };
  }
  if (status.state === 'success') return { is: 'pass', reason: `${entry.name} passed`, evidence };
  if (status.state === 'pending') return { is: 'hold', reason: `${entry.name} is pending`, evidence };
  return { is: 'fail', reason: `${entry.name}: ${status.state}`, evidence };
}

function truncated(name: string, parts: readonly string[]): GateResult {
  return {
    is: 'fail',
    reason: `${name}: the ${parts.join(' and ')} of this commit are too many to be read whole`,
  };
}
