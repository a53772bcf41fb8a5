import type { DoraReport, Durations, Rate } from '../../../shared/contracts/reports/dora-report.js';
import { anchor, dataTable, element, type Child, type Markup } from '../../../shared/report/html.js';
import { sayHours, threeTimes } from '../render/words.js';

const rowsShown = 100;

/** The events behind each number, with links. */
export function renderEvidence({ total }: DoraReport): Markup | undefined {
  const parts = [
    durations('Recoveries', total.recovery),
    durations('Incidents closed', total.timeToRestore),
    rate('Rework', total.reworkRate),
    durations('Commits, slowest first', slowestFirst(total.leadTime)),
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return element(
    'section',
    { 'aria-labelledby': 'evidence' },
    element('h2', { id: 'evidence' }, 'What the numbers are made of'),
    element('div', { class: 'card' }, parts),
  );
}

/** The failed deployments, open from the start: the question that a bad figure raises. */
export function renderFailures({ total }: DoraReport): Markup | undefined {
  const { events } = total.changeFailRate;
  if (events.length === 0) return undefined;
  const recovered = new Map(total.recovery.events.map((event) => [event.of.text, event]));
  return element(
    'section',
    { 'aria-labelledby': 'failures' },
    element('h2', { id: 'failures' }, 'What failed, and why?'),
    element(
      'div',
      { class: 'card scroll stack', tabindex: 0 },
      dataTable(
        'Failed deployments',
        ['Deployment', 'Finished (UTC)', 'Because', 'Recovered after'],
        newest(events).map((event) => {
          const recovery = recovered.get(event.of.text);
          return [
            anchor(event.of.text, event.of.url),
            element('span', { class: 'nowrap' }, event.at.slice(0, 16).replace('T', ' ')),
            event.because.map((because, i) => [i > 0 ? '; ' : '', anchor(because.text, because.url)]),
            recovery ? [sayHours(recovery.hours), ', ', recovery.until.text] : 'not in this window',
          ];
        }),
      ),
      element('p', { class: 'soft small' }, threeTimes),
    ),
  );
}

function slowestFirst(leadTime: Durations): Durations {
  return { ...leadTime, events: leadTime.events.toSorted((a, b) => a.hours - b.hours) };
}

function rate(title: string, { events }: Rate): Markup | undefined {
  return part(title, events.length, ['Deployment', 'Finished (UTC)', 'Because'], () =>
    newest(events).map((event) => [
      anchor(event.of.text, event.of.url),
      element('span', { class: 'nowrap' }, event.at.slice(0, 16).replace('T', ' ')),
      event.because.map((because, i) => [i > 0 ? '; ' : '', anchor(because.text, because.url)]),
    ]),
  );
}

function durations(title: string, { events }: Durations): Markup | undefined {
  return part(title, events.length, ['What', 'Time', 'Until'], () =>
    newest(events).map((event) => [
      anchor(event.of.text, event.of.url),
      sayHours(event.hours),
      anchor(event.until.text, event.until.url),
    ]),
  );
}

function newest<T>(events: readonly T[]): T[] {
  return events.slice(-rowsShown).reverse();
}

function part(
  title: string,
  count: number,
  head: readonly string[],
  rows: () => Child[][],
): Markup | undefined {
  if (count === 0) return undefined;
  const shown =
    count > rowsShown
      ? `${title} (${rowsShown} of ${count}; the JSON report has all)`
      : `${title} (${count})`;
  return element(
    'details',
    {},
    element('summary', {}, shown),
    element('div', { class: 'scroll stack' }, dataTable(title, head, rows())),
  );
}
