import type { DeploymentRow, DoraReport, Measures } from '../../../shared/contracts/reports/dora-report.js';
import {
  anchor,
  dataTable,
  element,
  htmlPage,
  type Child,
  type Markup,
} from '../../../shared/report/html.js';
import { describeModel } from '../metrics/figures/tiers.js';
import {
  count,
  figuresOf,
  sayFrequency,
  sayHours,
  sayShare,
  sayWindow,
  threeTimes,
  verdict,
} from '../render/words.js';
import { renderCards } from './cards.js';
import { renderCharts, steps } from './charts.js';
import { renderEvidence, renderFailures } from './evidence.js';
import { pageStyle, panelStyle } from './style.js';
import { renderValueStream } from './value-stream.js';

const rowsAtFirst = 15;
const rowsShown = 500;
/** Services with a view of their own; a choice of more is none. */
const mostPanels = 20;

/** The dashboard: one HTML file without scripts or requests; what is shown is chosen by style alone. Pure. */
export function renderPage(report: DoraReport): string {
  const panels = panelsOf(report);
  return htmlPage({
    title: `DORA report: ${report.total.service || report.question.environment}`,
    language: 'en',
    style: pageStyle + panelStyle(panels.length),
    body: [
      element(
        'main',
        {},
        header(report),
        panels.length > 1
          ? choice(
              'panel',
              eachOf(report),
              panels.map(({ service }) => service),
            )
          : undefined,
        report.result === 'measured' ? choice('by', 'Trend by', steps, 1) : undefined,
        panels.map((measures, index) => panel(report, measures, index)),
        services(report),
        renderFailures(report),
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

/** All together first, then each service, where there are several. */
function panelsOf({ total, services: each }: DoraReport): Measures[] {
  return each.length < 2 ? [total] : [total, ...each.slice(0, mostPanels)];
}

/** What the figures beside those of all are of. */
const eachOf = ({ repositories }: DoraReport) => (repositories ? 'Repository' : 'Service');

/** A choice of one; the keys of the page work on it, and its style shows what was chosen. */
function choice(name: string, title: string, options: readonly string[], chosen = 0): Markup {
  return element(
    'fieldset',
    { class: 'choice' },
    element('legend', {}, title),
    options.map((option, index) => {
      const id = `${name}-${index}`;
      return element(
        'span',
        {},
        element('input', {
          type: 'radio',
          name,
          id,
          ...(index === chosen ? { checked: 'checked' } : {}),
        }),
        element('label', { for: id }, option),
      );
    }),
  );
}

function panel(report: DoraReport, measures: Measures, index: number): Markup {
  const { question, result } = report;
  const id = `p${index}`;
  const value = renderValueStream(measures);
  return element(
    'div',
    { class: `panel panel-${index}` },
    element(
      'section',
      { 'aria-labelledby': `${id}-figures` },
      element('h2', { id: `${id}-figures` }, 'How are we doing?'),
      element('p', { class: 'soft small' }, `Tiers: ${describeModel(question.tiers)}.`),
      renderCards({ total: measures, question }),
    ),
    result === 'measured'
      ? element(
          'section',
          { 'aria-labelledby': `${id}-trend` },
          element('h2', { id: `${id}-trend` }, 'Is it getting better?'),
          element('p', {}, comparison({ total: measures, question })),
          steps.map((step) => renderCharts(measures, step, id)),
        )
      : undefined,
    value
      ? element(
          'section',
          { 'aria-labelledby': `${id}-stream` },
          element('h2', { id: `${id}-stream` }, 'Where does the time go?'),
          value,
        )
      : undefined,
  );
}

/** The question of the section in one sentence; the charts show how it came to that. */
function comparison(measured: Pick<DoraReport, 'total' | 'question'>): string {
  const compared = figuresOf(measured).filter(({ change }) => change !== '');
  if (compared.length === 0)
    return 'There are no records of the whole window before, so nothing is compared with it.';
  const words = (name: string, is: boolean | undefined) => {
    const titles = compared
      .filter(({ better }) => better === is)
      .map(({ title }) => `${title.charAt(0).toLowerCase()}${title.slice(1)}`);
    return titles.length === 0 ? [] : [`${name}: ${titles.join(', ')}`];
  };
  const parts = [...words('better', true), ...words('worse', false), ...words('about the same', undefined)];
  return `Against the window before, of the same length: ${parts.join('; ')}.`;
}

function header(report: DoraReport): Markup {
  const { question, total, notes } = report;
  return element(
    'header',
    {},
    element('p', { class: 'soft small' }, `${question.environment} · ${sayWindow(report)}`),
    element('h1', {}, `How well do we deliver${total.service ? ` ${total.service}` : ''}?`),
    element('p', { class: 'verdict' }, verdict(report)),
    notes.map((note) => element('p', { class: 'note small' }, note)),
  );
}

function services(report: DoraReport): Markup | undefined {
  if (report.services.length < 2) return undefined;
  const head = [eachOf(report), 'Lead time', 'Frequency', 'Change fail rate', 'Recovery', 'Rework'];
  const rows = report.services.map((m) => [
    m.service,
    sayHours(m.leadTime.p50),
    sayFrequency(m.frequency.perDay),
    sayShare(m.changeFailRate.value),
    sayHours(m.recovery.p50),
    sayShare(m.reworkRate.value),
  ]);
  const each = eachOf(report).toLowerCase();
  return section('services', `By ${each}`, dataTable(`Figures of each ${each}`, head, rows));
}

function deployments(report: DoraReport): Markup | undefined {
  if (report.deployments.length === 0) return undefined;
  const versions = new Map(report.deployments.map((row) => [`${row.service} ${row.id}`, row.version]));
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
          element('summary', {}, `${count(older.length, 'older one')}${cut}`),
          dataTable('Older deployments', head, older),
        )
      : undefined,
  );
}

function deploymentCells(row: DeploymentRow, versions: ReadonlyMap<string, string>): Child[] {
  return [
    element('span', { class: 'nowrap' }, row.at.slice(0, 16).replace('T', ' ')),
    anchor(`${row.service} ${row.version}`, row.url),
    `${row.kind}${row.rework ? ', rework' : ''}${row.counted ? '' : ', not counted'}`,
    row.commits,
    row.leadTimeP50 === null ? '–' : sayHours(row.leadTimeP50),
    outcome(row, versions),
  ];
}

function outcome(row: DeploymentRow, versions: ReadonlyMap<string, string>): Markup {
  const by =
    row.recoveredBy === undefined
      ? undefined
      : (versions.get(`${row.service} ${row.recoveredBy}`) ?? `deployment ${row.recoveredBy}`);
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
    element('p', { class: 'soft small' }, threeTimes),
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
      figuresOf(report).map((figure) => [
        element('dt', {}, figure.title),
        element('dd', {}, figure.definition),
      ]),
    ),
  );
}

function footer({ facts, question, repositories }: DoraReport): Markup {
  const { deployments: d, commits: c, incidents: i, pulls: p } = facts.requests;
  const read = repositories?.map((each) => each.facts) ?? [facts];
  const all = (key: 'deployments' | 'commits' | 'incidents' | 'pulls') =>
    read.reduce((sum, each) => sum + (each[key]?.length ?? 0), 0);
  return element(
    'footer',
    { class: 'soft small' },
    `Read ${facts.readAt} from `,
    read.map(({ repositoryUrl }, n) => [n > 0 ? ', ' : '', anchor(repositoryUrl, repositoryUrl)]),
    ` in ${count(d + c + i + p, 'request')}: ${count(all('deployments'), 'deployment record')}, ${count(all('commits'), 'commit')}, ${count(all('incidents'), 'incident')}, ${count(all('pulls'), 'pull request')}. Days and weeks in ${question.timezone}; weeks begin on Monday.`,
  );
}

function section(id: string, title: string, ...body: Child[]): Markup {
  return element(
    'section',
    { 'aria-labelledby': id },
    element('h2', { id }, title),
    element('div', { class: 'card scroll stack', tabindex: 0 }, body),
  );
}
