import type { DoraReport, Durations, Rate } from '../../../shared/contracts/reports/dora-report.js';
import { code, details, escapeMarkdown, link, table } from '../../../shared/report/markdown.js';
import { mermaidBars } from '../../../shared/report/mermaid.js';
import { describeModel } from '../metrics/figures/tiers.js';
import {
  count,
  figuresOf,
  sayFrequency,
  sayHotfixes,
  sayHours,
  sayShare,
  threeTimes,
  verdict,
} from './words.js';

export { verdict };

const eventsShown = 20;

/** The job summary: verdict, figures, one picture, then the evidence. Pure. */
export function render(report: DoraReport): string {
  const { total, question, services, leftOut, notes } = report;
  const head = [
    `## 📈 DORA report: ${escapeMarkdown(question.environment)}`,
    escapeMarkdown(verdict(report)),
    ...notes.map((note) => `> ${escapeMarkdown(note)}`),
    figures(report),
    `<sub>Tiers: ${escapeMarkdown(describeModel(question.tiers))}. Values are medians; p75, p90 and p95 beside them. Days in ${escapeMarkdown(question.timezone)}.</sub>`,
  ];
  if (report.result === 'no-deployments')
    return [...head, leftOutTable(leftOut)].filter(Boolean).join('\n\n');
  return [
    ...head,
    bounds(report),
    services.length > 1 ? byService(report) : '',
    stages(report),
    mermaidBars({
      title: 'Deployments per week',
      yAxis: 'deployments',
      labels: total.weeks.map((week) => week.day.slice(5)),
      values: total.weeks.map((week) => week.deployments),
    }),
    rateEvents('Failed deployments', total.changeFailRate),
    durationEvents('Recoveries', total.recovery),
    durationEvents('Incidents', total.timeToRestore),
    total.recovery.n + total.timeToRestore.n > 0 ? `<sub>${threeTimes}</sub>` : '',
    rateEvents('Rework', total.reworkRate),
    slowest(total.leadTime),
    leftOutTable(leftOut),
    definitions(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function figures(report: DoraReport): string {
  const all = figuresOf(report);
  const compared = all.some(({ change }) => change !== '');
  return table(
    ['Metric', 'Value', ...(compared ? ['Against the window before'] : []), 'p75', 'p90', 'p95', 'n', 'Tier'],
    all.map((f) => [
      f.title,
      `**${f.value}**`,
      ...(compared ? [f.change] : []),
      f.p75,
      f.p90,
      f.p95,
      String(f.n),
      f.tier === null ? f.tierWords : `${f.tierWords}, ${f.judged}`,
    ]),
  );
}

function bounds(report: DoraReport): string {
  const lines = figuresOf(report).filter((figure) => figure.bounds !== '');
  return lines.length === 0
    ? ''
    : details(
        `Tiers: ${describeModel(report.question.tiers)}`,
        lines.map((figure) => `- **${figure.title}**: ${figure.bounds}`).join('\n'),
      );
}

function stages({ total: { valueStream, hotfixes } }: DoraReport): string {
  const parts: string[] = [];
  if (valueStream && valueStream.n > 0)
    parts.push(
      `### Where the time goes\n\n${count(valueStream.n, 'pull request')} went live; median ${sayHours(valueStream.whole.p50)} from first commit to production.${valueStream.slowest ? ` Most time goes into **${valueStream.slowest.toLowerCase()}**.` : ''}`,
      table(
        ['Stage', 'Is', 'Of all time', 'Median', 'p90', 'n'],
        valueStream.stages.map((stage) => [
          stage.name,
          stage.is,
          sayShare(stage.n === 0 ? null : stage.share),
          sayHours(stage.p50),
          sayHours(stage.p90),
          String(stage.n),
        ]),
      ),
      valueStream.pulls.length > 0
        ? `The slowest: ${valueStream.pulls
            .slice(0, 3)
            .map((pull) => `${link(pull.of.text, pull.of.url)} (${sayHours(pull.hours)})`)
            .join(', ')}.`
        : '',
    );
  if (hotfixes) parts.push(`**Hotfixes:** ${sayHotfixes(hotfixes)}`);
  return parts.filter(Boolean).join('\n\n');
}

function byService({ services, repositories }: DoraReport): string {
  return table(
    [
      repositories ? 'Repository' : 'Service',
      'Lead time',
      'Frequency',
      'Change fail rate',
      'Recovery',
      'Rework',
    ],
    services.map((m) => [
      code(m.service),
      sayHours(m.leadTime.p50),
      sayFrequency(m.frequency.perDay),
      sayShare(m.changeFailRate.value),
      sayHours(m.recovery.p50),
      sayShare(m.reworkRate.value),
    ]),
  );
}

function rateEvents(title: string, rate: Rate): string {
  const rows = rate.events.slice(-eventsShown).reverse();
  return rows.length === 0
    ? ''
    : `### ${title}\n\n${table(
        ['Deployment', 'At', 'Because'],
        rows.map((event) => [
          link(event.of.text, event.of.url),
          event.at,
          event.because.map((because) => link(because.text, because.url)).join('; '),
        ]),
      )}${more(rate.events.length)}`;
}

function durationEvents(title: string, durations: Durations): string {
  const rows = [
    ...durations.open.map((open) => [
      link(open.of.text, open.of.url),
      `**open**, ${sayHours(open.hours)} so far`,
      '',
    ]),
    ...durations.events
      .slice(-eventsShown)
      .reverse()
      .map((event) => [
        link(event.of.text, event.of.url),
        sayHours(event.hours),
        link(event.until.text, event.until.url),
      ]),
  ];
  if (rows.length === 0) return '';
  return `### ${title}\n\n${table(['What', 'Time', 'Until'], rows)}${more(durations.events.length)}`;
}

function slowest(leadTime: Durations): string {
  const rows = [...leadTime.events].sort((a, b) => b.hours - a.hours).slice(0, eventsShown);
  if (rows.length === 0) return '';
  return details(
    `The slowest of ${count(leadTime.n, 'commit')}`,
    table(
      ['Commit', 'Lead time', 'Went live with'],
      rows.map((event) => [
        link(event.of.text, event.of.url),
        sayHours(event.hours),
        link(event.until.text, event.until.url),
      ]),
    ),
  );
}

function more(count: number): string {
  return count > eventsShown ? `\n\nThe newest ${eventsShown} of ${count}; the report has all.` : '';
}

function leftOutTable(leftOut: DoraReport['leftOut']): string {
  if (leftOut.length === 0) return '';
  const rows = leftOut.map((entry) => [
    `${entry.count} ${escapeMarkdown(entry.what)}`,
    escapeMarkdown(entry.why),
    entry.examples.map((example) => link(example.text, example.url)).join('; '),
  ]);
  return `### Left out\n\n${table(['What', 'Why', 'For example'], rows)}`;
}

function definitions(report: DoraReport): string {
  return details(
    'Definitions used',
    figuresOf(report)
      .map((figure) => `- **${figure.title}**: ${figure.definition}`)
      .join('\n'),
  );
}
