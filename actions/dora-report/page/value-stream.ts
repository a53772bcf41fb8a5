import type { Hotfixes, Measures, ValueStream } from '../../../shared/contracts/reports/dora-report.js';
import { anchor, dataTable, element, type Markup } from '../../../shared/report/html.js';
import { count, sayHotfixes, sayHours, sayShare } from '../render/words.js';

/** Where the time of a change goes, from its first commit until it is live. */
export function renderValueStream({ valueStream, hotfixes }: Measures): Markup | undefined {
  if (!valueStream && !hotfixes) return undefined;
  return element(
    'div',
    { class: 'card' },
    valueStream ? stream(valueStream) : undefined,
    hotfixes ? hotfixPart(hotfixes) : undefined,
  );
}

function stream(value: ValueStream): (Markup | undefined)[] {
  const { n, stages, slowest, whole, pulls, leftOut } = value;
  if (n === 0) return [element('p', { class: 'soft' }, 'No merged pull request went live in this window.')];
  const measured = stages.filter((stage) => stage.n > 0);
  const left = [
    leftOut.withoutReview > 0 ? `${leftOut.withoutReview} without an approval` : '',
    leftOut.contradicting > 0 ? `${leftOut.contradicting} with dates that contradict each other` : '',
  ].filter(Boolean);
  return [
    element(
      'p',
      {},
      `${count(n, 'pull request')} went live; median ${sayHours(whole.p50)} from first commit to production.`,
      slowest === null ? '' : ' Most time goes into: ',
      slowest === null ? undefined : element('strong', {}, slowest.toLowerCase()),
      slowest === null ? '' : '.',
    ),
    element(
      'div',
      { class: 'stream', 'aria-hidden': 'true' },
      measured.map(({ is, share }) =>
        element('span', { class: is, style: `flex:${Math.max(0.004, share ?? 0).toFixed(4)} 1 0` }),
      ),
    ),
    element(
      'p',
      { class: 'key' },
      element('span', {}, element('i', { class: 'work' }), 'work'),
      element('span', {}, element('i', { class: 'wait' }), 'wait'),
    ),
    element(
      'div',
      { class: 'scroll', tabindex: 0 },
      dataTable(
        'Stages of pull requests',
        ['Stage', 'Is', 'Of all time', 'Median', 'p75', 'p90', 'p95', 'n'],
        stages.map((stage) => [
          stage.name,
          stage.is,
          sayShare(stage.share === null || stage.n === 0 ? null : stage.share),
          sayHours(stage.p50),
          sayHours(stage.p75),
          sayHours(stage.p90),
          sayHours(stage.p95),
          stage.n,
        ]),
      ),
    ),
    left.length > 0
      ? element('p', { class: 'soft small' }, `Not in every stage: ${left.join(', ')}.`)
      : undefined,
    element(
      'details',
      {},
      element('summary', {}, `The slowest pull requests (${pulls.length})`),
      element(
        'div',
        { class: 'scroll stack', tabindex: 0 },
        dataTable(
          'The slowest pull requests',
          ['Pull request', 'Time', 'Live with'],
          pulls.map((pull) => [
            anchor(pull.of.text, pull.of.url),
            sayHours(pull.hours),
            anchor(pull.until.text, pull.until.url),
          ]),
        ),
      ),
    ),
  ];
}

function hotfixPart(hotfixes: Hotfixes): Markup {
  return element(
    'div',
    {},
    element('h3', {}, 'Hotfixes'),
    element('p', {}, sayHotfixes(hotfixes)),
    element(
      'details',
      {},
      element('summary', {}, 'Each of them'),
      dataTable(
        'Hotfixes',
        ['Hotfix', 'Time', 'In time'],
        hotfixes.events
          .toReversed()
          .slice(0, 100)
          .map((event) => [
            anchor(event.of.text, event.of.url),
            sayHours(event.hours),
            event.within ? '✓ yes' : '✗ no',
          ]),
      ),
    ),
  );
}
