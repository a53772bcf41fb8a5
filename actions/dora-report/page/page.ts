import type { Bucket, DeploymentRow, DoraReport } from '../../../shared/contracts/dora-report.js';
import { sparkline } from '../../../shared/report/charts.js';
import {
  anchor,
  dataTable,
  element,
  htmlPage,
  type Child,
  type Markup,
} from '../../../shared/report/html.js';
import { renderCharts } from './charts.js';
import { renderEvidence } from './evidence.js';
import { pageStyle } from './style.js';
import { describeModel } from '../metrics/tiers.js';
import {
  figuresOf,
  noData,
  sayFrequency,
  sayHours,
  sayShare,
  sayWindow,
  verdict,
  type Figure,
} from '../render/words.js';

const rowsAtFirst = 15;
const rowsShown = 500;

/** The dashboard: one HTML file without scripts or requests. Pure. */
export function renderPage(report: DoraReport): string {
  return htmlPage({
    title: `DORA report: ${report.total.service || report.question.environment}`,
    language: 'en',
    style: pageStyle,
    body: [
      element(
        'main',
        {},
        header(report),
        cards(report),
        report.result === 'measured' ? [services(report), renderCharts(report)] : undefined,
        deployments(report),
        open(report),
        renderEvidence(report),
        leftOut(report),
        definitions(report),
        footer(report),
      ),
    ],
  });
}

function header(report: DoraReport): Markup {
  const { question, total, notes } = report;
  return element(
    'header',
    {},
    element('p', { class: 'soft small' }, `${question.environment} · ${sayWindow(report)}`),
    element('h1', {}, total.service ? `How ${total.service} is delivered` : 'How we deliver'),
    element('p', { class: 'verdict' }, verdict(report)),
    notes.map((note) => element('p', { class: 'note small' }, note)),
  );
}

function cards({ total, question }: DoraReport): Markup {
  return element(
    'section',
    { 'aria-labelledby': 'figures' },
    element('h2', { id: 'figures', class: 'soft small' }, `Tiers: ${describeModel(question.tiers)}`),
    element(
      'div',
      { class: 'cards' },
      figuresOf(total).map((figure) => card(figure, total.weeks)),
    ),
  );
}

function card(figure: Figure, weeks: readonly Bucket[]): Markup {
  const trend = trendOf(figure.key, weeks);
  return element(
    'article',
    { class: 'card' },
    element(
      'div',
      { class: 'top' },
      element('h3', { class: 'name' }, figure.title),
      figure.tier ? element('span', { class: `tier ${figure.tier}` }, figure.tier) : undefined,
    ),
    element(
      'div',
      { class: 'row' },
      element('span', { class: figure.value === noData ? 'value none' : 'value' }, figure.value),
      trend?.some((value) => value !== null) ? sparkline(trend) : undefined,
    ),
    element('p', { class: 'soft small' }, figure.detail),
    figure.p75 && figure.n > 1
      ? element('p', { class: 'soft small' }, `p75 ${figure.p75} · p90 ${figure.p90}`)
      : undefined,
  );
}

function trendOf(key: Figure['key'], weeks: readonly Bucket[]): (number | null)[] | undefined {
  switch (key) {
    case 'leadTime':
      return weeks.map((week) => week.leadTime.p50);
    case 'frequency':
      return weeks.map((week) => week.deployments);
    case 'changeFailRate':
      return weeks.map((week) => week.changeFailRate);
    case 'recovery':
      return weeks.map((week) => week.recovery.p50);
    case 'reworkRate':
      return weeks.map((week) => (week.deployments === 0 ? null : week.rework / week.deployments));
    case 'timeToRestore':
      return undefined;
  }
}

function services(report: DoraReport): Markup | undefined {
  if (report.services.length < 2) return undefined;
  const head = ['Service', 'Lead time', 'Frequency', 'Change fail rate', 'Recovery', 'Rework'];
  const rows = report.services.map((m) => [
    m.service,
    sayHours(m.leadTime.p50),
    sayFrequency(m.frequency.perDay),
    sayShare(m.changeFailRate.value),
    sayHours(m.recovery.p50),
    sayShare(m.reworkRate.value),
  ]);
  return section('services', 'By service', dataTable('Figures of each service', head, rows));
}

function deployments(report: DoraReport): Markup | undefined {
  if (report.deployments.length === 0) return undefined;
  const versions = new Map(report.deployments.map((row) => [row.id, row.version]));
  const rows = report.deployments.slice(0, rowsShown).map((row) => deploymentCells(row, versions));
  const cut =
    report.deployments.length > rowsShown ? `; the JSON report has all ${report.deployments.length}` : '';
  const head = ['Finished (UTC)', 'Deployment', 'Kind', 'Commits', 'Lead time', 'Outcome'];
  const older = rows.slice(rowsAtFirst);
  return section(
    'deployments-list',
    'Deployments',
    dataTable('Newest deployments', head, rows.slice(0, rowsAtFirst)),
    older.length > 0
      ? element(
          'details',
          {},
          element('summary', {}, `${older.length} older ones${cut}`),
          dataTable('Older deployments', head, older),
        )
      : undefined,
  );
}

function deploymentCells(row: DeploymentRow, versions: ReadonlyMap<number, string>): Child[] {
  return [
    element('span', { class: 'nowrap' }, row.at.slice(0, 16).replace('T', ' ')),
    anchor(`${row.service} ${row.version}`, row.url),
    `${row.kind}${row.rework ? ', rework' : ''}${row.counted ? '' : ', not counted'}`,
    row.commits,
    row.leadTimeP50 === null ? '–' : sayHours(row.leadTimeP50),
    outcome(row, versions),
  ];
}

function outcome(row: DeploymentRow, versions: ReadonlyMap<number, string>): Markup {
  const by =
    row.recoveredBy === undefined
      ? undefined
      : (versions.get(row.recoveredBy) ?? `deployment ${row.recoveredBy}`);
  return element(
    'span',
    {},
    element(
      'span',
      { class: `outcome ${row.outcome === 'succeeded' ? 'good' : 'bad'}` },
      row.outcome === 'succeeded' ? '✓ succeeded' : `✗ ${row.outcome}`,
    ),
    by ? element('span', { class: 'soft' }, `, recovered by ${by}`) : undefined,
  );
}

function open({ total }: DoraReport): Markup | undefined {
  const rows = [...total.recovery.open, ...total.timeToRestore.open].map((entry) => [
    anchor(entry.of.text, entry.of.url),
    sayHours(entry.hours),
  ]);
  if (rows.length === 0) return undefined;
  return section(
    'open',
    'Not over yet',
    dataTable('Failures and incidents still open', ['What', 'So far'], rows),
  );
}

function leftOut(report: DoraReport): Markup | undefined {
  if (report.leftOut.length === 0) return undefined;
  const rows = report.leftOut.map((entry) => [
    `${entry.count} ${entry.what}`,
    entry.why,
    entry.examples.slice(0, 3).map((example, i) => [i > 0 ? ', ' : '', anchor(example.text, example.url)]),
  ]);
  return section(
    'left-out',
    'Left out, and why',
    dataTable('What is in no number', ['What', 'Why', 'For example'], rows),
  );
}

function definitions(report: DoraReport): Markup {
  return element(
    'section',
    { 'aria-labelledby': 'definitions' },
    element('h2', { id: 'definitions' }, 'Definitions used'),
    element(
      'dl',
      {},
      figuresOf(report.total).map((figure) => [
        element('dt', {}, figure.title),
        element('dd', {}, figure.definition),
      ]),
    ),
  );
}

function footer({ facts, question }: DoraReport): Markup {
  const { deployments: d, commits: c, incidents: i } = facts.requests;
  return element(
    'footer',
    { class: 'soft small' },
    `Read ${facts.readAt} from `,
    anchor(facts.repositoryUrl, facts.repositoryUrl),
    ` in ${d + c + i} requests: ${facts.deployments.length} deployment records, ${facts.commits.length} commits, ${facts.incidents.length} incidents. Days and weeks in ${question.timezone}; weeks begin on Monday.`,
  );
}

function section(id: string, title: string, ...body: Child[]): Markup {
  return element(
    'section',
    { 'aria-labelledby': id },
    element('h2', { id }, title),
    element('div', { class: 'card scroll stack' }, body),
  );
}
