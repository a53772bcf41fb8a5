import { describeCondition, describeValue, percent } from '../../shared/analysis/condition.js';
import { filledLinks } from '../../shared/analysis/criteria/evidence-links.js';
import { failCondition } from '../../shared/analysis/fail-condition.js';
import { isCounted } from '../../shared/analysis/measure.js';
import type {
  AnalysisReport,
  Criterion,
  Measurement,
  ReleaseFacts,
  RollbackResult,
} from '../../shared/contracts/reports/analysis-report.js';
import { code, details, escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';
import { rateChart } from './chart.js';

const headlines: Record<RollbackResult, (release: string, previous: string) => string> = {
  healthy: (release) => `✅ ${release} is healthy`,
  watching: (release) => `✅ ${release} is well so far`,
  confirmed: (release) => `✅ ${release} is confirmed`,
  contained: (release) => `⚠️ ${release} fails for a few, who were taken out; everybody else is well`,
  'rolled-back': (release, previous) => `⏪ ${release} was rolled back${previous && ` to ${previous}`}`,
  held: (release) => `🛑 ${release} is on hold: a person is needed`,
  inconclusive: (release) => `⚠️ ${release}: too little was seen to call it healthy`,
  error: (release) => `❌ ${release}: the watch did not finish`,
};

/** What the headline says of the restored release. */
const afterwards = {
  'bad too': ', which is bad too: the cause lies elsewhere',
  well: ', which is well',
  'not known': '',
} as const;

function headline(report: AnalysisReport): string {
  const { result, service, environment, watched, previous, restored } = report;
  const release = [service, ...(watched ? [watched.version] : []), 'in', environment].join(' ');
  const after = afterwards[restored?.is ?? 'not known'];
  return escapeMarkdown(`${headlines[result](release, previous?.version ?? '')}${after}`);
}

/** The job summary: verdict, what was judged, the chart, what happened, links. */
export function render(report: AnalysisReport): string {
  const { watched, previous } = report;
  return [
    `## ${headline(report)}`,
    ...(outOfHand(report) ?? [escapeMarkdown(report.reason)]),
    releases(report.service, report.environment, watched, previous),
    evidence(report),
    ...preflight(report),
    timeline(report),
    links(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/**
 * What a tired stranger needs where a bad release was not rolled back: who has traffic, why it is bad, what was tried, and
 * what to do, step by step. Undefined elsewhere.
 */
export function outOfHand({ result, cause, takeBack, watched }: AnalysisReport): string[] | undefined {
  if (result !== 'held' || !takeBack?.next || !watched) return undefined;
  const { attempts = [], next, message, result: came } = takeBack;
  const state = {
    refused: `Users still get ${watched.version}. Nothing was moved.`,
    started: `Users still get ${watched.version} until what was started is through.`,
    held: 'Who has traffic is not confirmed.',
    restored: '',
  }[came];
  return [
    `**${escapeMarkdown(state)}**`,
    ...(cause === undefined ? [] : [`**Why it is to go:** ${escapeMarkdown(cause)}`]),
    ...(came === 'refused' && attempts.length === 0 ? [escapeMarkdown(message.split('. Now: ')[0]!)] : []),
    ...(came === 'refused' ? [] : [escapeMarkdown(message)]),
    ...(attempts.length > 0
      ? [
          table(
            ['Way tried', 'Why it did not roll back'],
            attempts.map(({ way, message: why }) => [code(way), escapeMarkdown(why)]),
          ),
        ]
      : []),
    `**Now, a person:**\n\n${next.map((step, index) => `${index + 1}. ${escapeMarkdown(step)}`).join('\n')}`,
  ];
}

/** What was asked before the watch; answered by what happened once the release is rolled back. */
function preflight({ preflight: asked, result }: AnalysisReport): string[] {
  if (result === 'rolled-back') return [];
  return asked.map(
    ({ ok, what, message }) => `${ok ? '✅' : '❌'} **${escapeMarkdown(what)}** ${escapeMarkdown(message)}`,
  );
}

/** What was judged at the end and how it got there; also the body of the incident. */
export function evidence(report: AnalysisReport): string {
  const { plan, startedAt, ticks, measurements } = report;
  if (!plan || startedAt === undefined) return '';
  const last = measurements.at(-1) ?? [];
  const rows = plan.criteria.map((criterion) => {
    const measured = last.find((one) => one.criterion === criterion.name);
    return [
      `${escapeMarkdown(criterion.name)}${criterion.observe ? ' (observed only)' : ''}`,
      conditions(criterion),
      ...figures(criterion, measured),
      measured?.phase ?? 'Pending',
      escapeMarkdown(measured?.message ?? ''),
    ];
  });
  const charts = plan.criteria
    .map((criterion) => rateChart(criterion, startedAt, ticks, measurements))
    .filter((chart) => chart !== undefined);
  return [
    table(['Criterion', 'Condition', 'In the window', 'Newest part of it', 'Phase', 'Message'], rows),
    ...charts,
    ...written(report),
  ].join('\n\n');
}

/** Where to read what the release wrote in the judged time, and a minute on both sides. */
function written({ plan, startedAt, ticks, watched, service, environment }: AnalysisReport): string[] {
  if (!plan?.links || !watched || startedAt === undefined) return [];
  const minute = 60_000;
  const window = {
    from: startedAt - minute,
    to: (ticks.at(-1)?.at ?? startedAt) + minute,
  };
  const { version, colour, sha } = watched;
  const links = filledLinks(plan.links, { service, environment, version, colour, sha }, window);
  return [`What it wrote then: ${links.map(({ name, url }) => link(name, url)).join(' · ')}`];
}

function conditions({ failWhen, successWhen, forMs, minRequests, by }: Criterion): string {
  const message = [
    ...(failWhen ? [`fails when ${describeCondition(failWhen)}`] : []),
    ...(successWhen ? [`succeeds when ${describeCondition(successWhen)}`] : []),
  ].join(', ');
  const least = minRequests > 0 ? `, at least ${minRequests} requests` : '';
  return `${escapeMarkdown(message)} for ${formatDuration(forMs)}${by === undefined ? '' : `, by ${code(by)}`}${least}`;
}

/** What was seen in the window, and in its newest part. */
function figures(criterion: Criterion, measured: Measurement | undefined): [string, string] {
  if (!measured) return ['not measured', '–'];
  const { requests, errors, rate, value, baseline } = measured;
  if (!isCounted(criterion)) {
    const { metric } = failCondition(criterion);
    const shown = (number: number) => describeValue(metric, number);
    const beside = baseline === undefined ? '' : ` (baseline ${shown(baseline)})`;
    return ['–', value === undefined ? '–' : escapeMarkdown(`${shown(value)}${beside}`)];
  }
  const share = requests > 0 ? ` (${percent(errors / requests)})` : '';
  return [
    `${Math.round(errors)} of ${Math.round(requests)} failed${share}`,
    rate === undefined ? '–' : percent(rate),
  ];
}

function releases(
  service: string,
  environment: string,
  watched?: ReleaseFacts,
  previous?: ReleaseFacts,
): string {
  if (!watched) return '';
  const row = (what: string, { version, colour, deployment, digest }: ReleaseFacts) => [
    what,
    code(version),
    escapeMarkdown(colour),
    String(deployment),
    code(digest.slice(0, 19)),
  ];
  return table(
    [escapeMarkdown(`${service} in ${environment}`), 'Version', 'Colour', 'Deployment', 'Digest'],
    [row('judged', watched), ...(previous ? [row('to go back to', previous)] : [])],
  );
}

function timeline({ timeline: events }: AnalysisReport): string {
  if (events.length === 0) return '';
  const rows = events.map(({ at, message }) => [code(at.replace(/^.*T|Z$/g, '')), escapeMarkdown(message)]);
  return details(`Timeline (UTC): ${events.length}`, table(['Time', 'What happened'], rows));
}

function links({ incident, run, timeToRestoreMs, criteriaFile }: AnalysisReport): string {
  return [
    ...(incident ? [link(`Incident #${incident.number}`, incident.url)] : []),
    ...(timeToRestoreMs !== undefined ? [`time to restore ${formatDuration(timeToRestoreMs)}`] : []),
    ...(criteriaFile
      ? [`criteria ${code(criteriaFile.path)} at ${code(criteriaFile.commit.slice(0, 12))}`]
      : []),
    link('this run', run),
  ].join(' · ');
}
