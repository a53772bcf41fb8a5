import type { Bucket, DoraReport } from '../../../shared/contracts/reports/dora-report.js';
import { sparkline } from '../../../shared/report/charts.js';
import { element, type Markup } from '../../../shared/report/html.js';
import { figuresOf, type Figure } from '../render/words.js';

/** A card for each metric: value, tier with its bounds, what it is made of and how it was before. */
export function renderCards(report: Pick<DoraReport, 'total' | 'question'>): Markup {
  return element(
    'div',
    { class: 'cards' },
    figuresOf(report).map((figure) => card(figure, report.total.weeks)),
  );
}

function card(figure: Figure, weeks: readonly Bucket[]): Markup {
  const trend = trendOf(figure.key, weeks);
  const direction = figure.better === undefined ? '' : figure.better ? ' up' : ' down';
  return element(
    'article',
    { class: 'card' },
    element(
      'div',
      { class: 'top' },
      element('h3', { class: 'name' }, figure.title),
      figure.tier ? element('span', { class: `tier ${figure.tier}` }, figure.tierWords) : undefined,
    ),
    element(
      'div',
      { class: 'row' },
      element('span', { class: figure.known ? 'value' : 'value none' }, figure.value),
      trend?.some((value) => value !== null) ? sparkline(trend) : undefined,
    ),
    figure.change ? element('p', { class: `small change${direction}` }, figure.change) : undefined,
    element('p', { class: 'soft small' }, figure.detail),
    figure.p75 && figure.n > 1
      ? element('p', { class: 'soft small' }, `p75 ${figure.p75} · p90 ${figure.p90} · p95 ${figure.p95}`)
      : undefined,
    figure.few ? element('p', { class: 'soft small' }, 'Few data: one more or less moves it.') : undefined,
    figure.bounds
      ? element(
          'p',
          { class: 'soft small bounds' },
          `${figure.bounds}${figure.judged ? ` (${figure.judged})` : ''}`,
        )
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
