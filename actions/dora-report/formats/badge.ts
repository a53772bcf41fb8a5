import type { DoraReport, Tier } from '../../../shared/contracts/reports/dora-report.js';
import { element } from '../../../shared/report/html.js';
import { figuresOf, type Figure } from '../render/words.js';

const keys = {
  'lead-time': 'leadTime',
  frequency: 'frequency',
  'change-fail-rate': 'changeFailRate',
  recovery: 'recovery',
  rework: 'reworkRate',
} as const satisfies Record<string, Figure['key']>;
export type BadgeMetric = keyof typeof keys;

const names: Record<BadgeMetric, string> = {
  'lead-time': 'lead time',
  frequency: 'deployments',
  'change-fail-rate': 'change fail rate',
  recovery: 'recovery',
  rework: 'rework',
};

/** White text on each of them has a contrast of 4.5 and more. */
const colours: Record<Tier | 'none', string> = {
  elite: '#17693f',
  high: '#1f5fc4',
  medium: '#8a5a00',
  low: '#a8351c',
  none: '#57606a',
};

/** Widths of text in 11 px Verdana, as near as makes no difference to a badge. */
const widthOf = (text: string) => Math.ceil(text.length * 6.6 + 12);

/** A badge of one metric as SVG: its value, coloured by its tier, with both in its title. */
export function badgeOf(metric: BadgeMetric, report: DoraReport): string {
  const figure = figuresOf(report).find(({ key }) => key === keys[metric])!;
  const [left, right] = [widthOf(names[metric]), widthOf(figure.value)];
  const title = `${figure.title}: ${figure.value}${figure.tier ? ` (${figure.tierWords})` : ''}`;
  const text = (words: string, x: number) =>
    element('text', { x, y: 14, 'text-anchor': 'middle', fill: '#fff' }, words);
  return `${
    element(
      'svg',
      {
        xmlns: 'http://www.w3.org/2000/svg',
        width: left + right,
        height: 20,
        role: 'img',
        'aria-label': title,
        'font-family': 'Verdana,DejaVu Sans,sans-serif',
        'font-size': 11,
      },
      element('title', {}, title),
      element('rect', { width: left + right, height: 20, rx: 3, fill: '#3a4149' }),
      element('rect', { x: left, width: right, height: 20, rx: 3, fill: colours[figure.tier ?? 'none'] }),
      element('rect', { x: left, width: 4, height: 20, fill: colours[figure.tier ?? 'none'] }),
      text(names[metric], left / 2),
      text(figure.value, left + right / 2),
    ).markup
  }\n`;
}
