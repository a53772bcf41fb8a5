import { describeModel } from '../../actions/dora-report/metrics/figures/tiers.js';
import {
  count,
  figuresOf,
  sayFrequency,
  sayHours,
  sayShare,
  verdict,
} from '../../actions/dora-report/render/words.js';
import type { DoraReport } from '../../shared/contracts/reports/dora-report.js';
import { plainLine, type Paint } from '../smoke/lines.js';

const failuresShown = 10;

/** A report for a terminal: the figures, where the time goes, what failed and why. */
export function doraLines(report: DoraReport, paint: Paint): string[] {
  const { notes, question } = report;
  const lines = [
    [paint('bold', plainLine(verdict(report)))],
    figureLines(report, paint),
    eachLines(report),
    stageLines(report),
    failureLines(report, paint),
    notes.map((note) => paint('dim', plainLine(`note: ${note}`))),
    [paint('dim', `tiers: ${describeModel(question.tiers)}; days in ${question.timezone}`)],
  ];
  return lines.filter((part) => part.length > 0).flatMap((part, index) => (index > 0 ? ['', ...part] : part));
}

function figureLines(report: DoraReport, paint: Paint): string[] {
  const figures = figuresOf(report);
  const [titles, values] = [
    figures.map(({ title }) => title.length),
    figures.map(({ value }) => value.length),
  ];
  return figures.map((figure) => {
    const colour = figure.better === undefined ? 'dim' : figure.better ? 'green' : 'red';
    const beside = [
      figure.tier === null ? '' : figure.tierWords,
      figure.detail,
      figure.change === '' ? '' : paint(colour, figure.change),
    ].filter(Boolean);
    return `${figure.title.padEnd(Math.max(...titles))}  ${figure.value.padEnd(Math.max(...values))}  ${beside.join(' · ')}`;
  });
}

/** Each service, or each of several repositories, a line. */
function eachLines({ services, repositories }: DoraReport): string[] {
  if (services.length < 2) return [];
  const width = Math.max(...services.map(({ service }) => plainLine(service).length));
  return [
    `Each ${repositories ? 'repository' : 'service'}:`,
    ...services.map((m) =>
      [
        `  ${plainLine(m.service).padEnd(width)}  ${sayFrequency(m.frequency.perDay)}`,
        `lead time ${sayHours(m.leadTime.p50)}`,
        `fail rate ${sayShare(m.changeFailRate.value)}`,
        `recovery ${sayHours(m.recovery.p50)}`,
        `rework ${sayShare(m.reworkRate.value)}`,
      ].join(' · '),
    ),
  ];
}

function stageLines({ total: { valueStream } }: DoraReport): string[] {
  if (!valueStream || valueStream.n === 0) return [];
  const stages = valueStream.stages.filter(({ n }) => n > 0);
  const width = Math.max(...stages.map(({ name }) => name.length), 0);
  return [
    `Where the time goes, of ${count(valueStream.n, 'pull request')}:`,
    ...stages.map(
      (stage) =>
        `  ${stage.name.padEnd(width)}  ${sayShare(stage.share).padStart(6)}  median ${sayHours(stage.p50)} (${stage.is})`,
    ),
  ];
}

function failureLines({ total: { changeFailRate } }: DoraReport, paint: Paint): string[] {
  const events = changeFailRate.events.slice(-failuresShown).reverse();
  if (events.length === 0) return [];
  return [
    `What failed${changeFailRate.events.length > failuresShown ? `, the newest ${failuresShown} of ${changeFailRate.events.length}` : ''}:`,
    ...events.flatMap(({ of, at, because }) => [
      `  ${paint('red', '✗')} ${plainLine(of.text)}, ${at.slice(0, 16).replace('T', ' ')} UTC`,
      ...because.map(({ text, url }) => plainLine(`    ${text}  ${url}`)),
    ]),
  ];
}
