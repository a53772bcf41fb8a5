import type {
  GoLivePlan,
  GoLiveReport,
  GoLiveRow,
} from '../../../shared/contracts/reports/go-live-report.js';
import { escapeMarkdown, table } from '../../../shared/report/markdown.js';
import { isGreen, jobNames, jobsOf, type Decision, type Job, type Standing } from './decide.js';

const signs: Record<GoLiveRow['is'], string> = {
  released: '✅ released',
  'already-live': '✅ live before',
  done: '✅ done',
  stopped: '❌ stopped, users never met it',
  'rolled-back': '⏪ rolled back',
  live: '⚠️ live, and not well',
  'not-started': '➖ not started',
  unknown: '❔ not known',
  failed: '❌ failed',
};

/** How long the jobs of a stage took together, in minutes to one digit. */
function minutesOf(jobs: readonly Job[]): { minutes?: number } {
  const starts = jobs.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = jobs.flatMap(({ completedAt }) => completedAt ?? []);
  if (starts.length === 0 || ends.length === 0) return {};
  return { minutes: Math.max(0, Math.round((Math.max(...ends) - Math.min(...starts)) / 6_000) / 10) };
}

/** The runbook with what happened: a line for each step, in the order of the plan. */
export function runbook(plan: GoLivePlan, { standings }: Decision, jobs: readonly Job[]): GoLiveRow[] {
  const step = (
    order: string,
    what: string,
    action: string,
    verification: string,
    name: string,
  ): GoLiveRow => {
    const own = jobsOf(jobs, name);
    const ran = own.filter(({ conclusion }) => conclusion !== 'skipped');
    const red = ran
      .filter(({ conclusion }) => conclusion !== 'success')
      .map((job) => job.name.split(' / ').at(-1));
    const is = ran.length === 0 ? 'not-started' : isGreen(own) ? 'done' : 'failed';
    const why = is === 'failed' ? `not green: ${red.join(', ')}` : '';
    return { order, what, action, verification, is, why, ...minutesOf(ran) };
  };
  const { database, verify } = plan;
  return [
    ...(database
      ? [
          step(
            '0',
            'Database',
            `migrations of ${database.service} ${database.version}`,
            'version and integrity queries of .github/migrations.yml',
            jobNames.database(database.service),
          ),
        ]
      : []),
    ...[...standings]
      .sort((a, b) => a.service.planned.rank - b.service.planned.rank)
      .map((one) => rowOf(one, jobs)),
    ...(verify
      ? [step('last', 'Verification', `flows of ${verify.suite}`, `against ${verify.url}`, jobNames.verify)]
      : []),
  ];
}

function rowOf({ service: { planned }, is, why }: Standing, jobs: readonly Job[]): GoLiveRow {
  const own = [...jobsOf(jobs, jobNames.rank(planned)), ...jobsOf(jobs, jobNames.cdn(planned))];
  return {
    order: String(planned.rank),
    what: planned.service,
    action: `${planned.version} to ${planned.environment}${planned.cdn ? ', CDN cleared' : ''}`,
    verification: `smoke test of the idle colour, new connections, watch${planned.cdn ? ', its page behind the CDN' : ''}`,
    is,
    why,
    ...minutesOf(own.filter(({ conclusion }) => conclusion !== 'skipped')),
  };
}

/** The report before anything goes back, and after. */
export function reportOf(
  plan: GoLivePlan,
  decision: Decision,
  jobs: readonly Job[],
  isFinal: boolean,
): GoLiveReport {
  const { standings, well, notes } = decision;
  const rows = runbook(plan, decision, jobs);
  const going = Object.values(decision.back).flat();
  const wentBack = standings.filter(({ service: { planned } }) =>
    isGreen(jobsOf(jobs, jobNames.back(planned))),
  );
  const count = (...states: GoLiveRow['is'][]) => standings.filter(({ is }) => states.includes(is)).length;
  const end = (result: GoLiveReport['result'], message: string, more: string[] = []): GoLiveReport => ({
    schema: 'devops-actions/go-live-report@1',
    result,
    message,
    releaseId: plan.releaseId,
    rows,
    notes: [...notes, ...more],
  });
  if (well)
    return end('released', `${services(standings.length)} live as ${plan.releaseId}`, [
      `It is a success if no major incident is open within ${plan.watchHours} h. The workflow Watch looks after each service until then, and confirms it or rolls it back.`,
    ]);
  const stopped = rows.filter(({ is }) =>
    ['stopped', 'rolled-back', 'live', 'failed', 'unknown'].includes(is),
  );
  const because =
    stopped.length > 0
      ? stopped.map(({ what, is, why }) => `${what} (${is}${why ? `, ${why}` : ''})`).join('; ')
      : `not green: ${jobs
          .filter(({ conclusion }) => conclusion === 'failure' || conclusion === 'cancelled')
          .map(({ name }) => name)
          .slice(0, 5)
          .join('; ')}`;
  const numbers = `${count('released', 'already-live')} of ${services(standings.length)} stay released, ${count('not-started')} never started`;
  if (!isFinal)
    return end('stopped', `Stopped. ${because}`, [
      going.length > 0
        ? `Goes back now: ${going.map(({ service, strategy }) => `${service} (${strategy})`).join(', ')}.`
        : 'Nothing has to go back.',
    ]);
  const unsure = going.length > 0 || standings.some(({ is }) => is === 'unknown' || is === 'live');
  const verifyAlone =
    stopped.every(({ what }) => what === 'Verification') && stopped.length > 0 && wentBack.length === 0;
  if (unsure || verifyAlone)
    return end('held', `A person must look: ${because}. ${numbers}`, [
      'Look at each line that is not well, then run the workflow Rollback for it, or Reconcile.',
    ]);
  return wentBack.length > 0
    ? end('taken-back', `Rolled back. ${because}. ${numbers}`)
    : end('stopped', `Stopped. ${because}. ${numbers}`);
}

const services = (count: number) => `${count} ${count === 1 ? 'service' : 'services'}`;

/** The job summary: the answer, the runbook, what now. */
export function render({ result, message, rows, notes }: GoLiveReport): string {
  const sign = { planned: 'ℹ️', released: '✅', stopped: '❌', 'taken-back': '⏪', held: '⚠️' }[result];
  const lines = rows.map(({ order, what, action, verification, is, why, minutes }) => [
    order,
    escapeMarkdown(what),
    escapeMarkdown(action),
    escapeMarkdown(verification),
    why ? `${signs[is]}: ${escapeMarkdown(why)}` : signs[is],
    minutes === undefined ? '' : minutes.toFixed(1),
  ]);
  return [
    `## ${sign} ${escapeMarkdown(message)}`,
    table(['order', 'service', 'action', 'verification', 'result', 'minutes'], lines),
    ...notes.map((note) => escapeMarkdown(note)),
    '',
  ].join('\n\n');
}
