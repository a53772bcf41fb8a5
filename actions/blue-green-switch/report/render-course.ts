import { code, details, escapeMarkdown, table } from '../../../shared/report/markdown.js';
import { evenSteps, mermaidLines } from '../../../shared/report/mermaid.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { sameWeights, type Weights } from '../../../shared/traffic/router.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';

type Course = NonNullable<SwitchReport['course']>;
type Entry = NonNullable<SwitchReport['entry']>;

/** A share that lasts shorter than the course divided by this is as wide as one that lasts that long. */
const chartPoints = 60;

const stopIcons: Record<Course['stops'][number]['verdict'], string> = {
  open: '❔ broken off',
  passed: '✅ passed',
  failed: '❌ failed',
  paused: '⏸️ paused',
  cancelled: '🚫 cancelled',
  'not-reached': '❌ not reached',
};

/**
 * Shares by step, as a chart and a table with what was judged; undefined for a switch at one go, of which before and
 * after say all.
 */
export function renderCourse({ points, stops }: Course): string | undefined {
  const levels = points.filter(({ weights }, i) => i === 0 || !sameWeights(weights, points[i - 1]!.weights));
  if (levels.length < 3 && stops.length === 0) return undefined;
  const start = parseInstant(levels[0]!.at)!;
  const after = (at: string) => formatDuration(parseInstant(at)! - start);
  const risen = gainer(levels.map(({ weights }) => weights));
  const colours = [...new Set(levels.flatMap(({ weights }) => Object.keys(weights)))].sort(
    (a, b) => Number(b === risen) - Number(a === risen),
  );
  const rows = levels.map(({ at, weights }, i) => {
    const next = levels[i + 1];
    // A stop is told where its share was shown: before the router showed another one.
    const here = stops.filter((stop) => (i === 0 || stop.at >= at) && (!next || stop.at < next.at));
    return [
      after(at),
      ...colours.map((colour) => percent(weights[colour] ?? 0)),
      here.map(describeStop).join('<br>'),
    ];
  });
  const seconds = levels.map(({ at, weights }) => ({
    at: (parseInstant(at)! - start) / 1_000,
    value: Math.round(10 * (weights[risen] ?? 0)) / 10,
  }));
  // A little longer than the course, so that its last share is a line and no point.
  const to = Math.max(0.01, Math.ceil(seconds.at(-1)!.at * 105) / 100);
  const chart = mermaidLines({
    title: `Percent of new requests to ${risen}`,
    xAxis: { title: 'seconds', from: 0, to },
    yAxis: { title: 'percent', top: 100 },
    lines: [evenSteps(seconds, { from: 0, to, count: chartPoints })],
  });
  return `${chart}\n\n${table(['After', ...colours.map(escapeMarkdown), 'Judged'], rows)}`;
}

function describeStop({ percent: share, stayMs, verdict, message }: Course['stops'][number]): string {
  const stay = stayMs === null ? 'until resumed' : `for ${formatDuration(stayMs)}`;
  return `${stopIcons[verdict]}: ${share} % ${stay}${message === undefined ? '' : `: ${escapeMarkdown(message)}`}`;
}

/** Rounded to a tenth: weights over several nodes are means. */
const percent = (share: number) => `${Math.round(10 * share) / 10} %`;

/** The colour that rose most above where it began, which is the one that traffic was being moved to. */
function gainer(course: readonly Weights[]): string {
  const gain = (colour: string) =>
    Math.max(...course.map((weights) => (weights[colour] ?? 0) - (course[0]![colour] ?? 0)));
  return [...new Set(course.flatMap((weights) => Object.keys(weights)))].reduce((best, colour) =>
    gain(colour) > gain(best) ? colour : best,
  );
}

const sampleIcons: Record<Entry['samples'][number]['is'], string> = {
  wrong: '❌ wrong',
  'not-yet': '⏳ not yet',
  expected: '✅ expected',
};

/** Every connection that was opened through the entry, failing ones first, folded away. */
export function renderSamples({ samples, opened }: Entry): string {
  const rows = samples.map(({ at, is, version, digest, message }) => [
    code(at.slice(11, 23)),
    sampleIcons[is],
    version === undefined ? '' : code(version),
    digest === undefined ? '' : code(digest.slice(0, 19)),
    message === undefined ? '' : escapeMarkdown(message),
  ]);
  const left = opened - samples.length;
  const title = `New connections (${opened}${left > 0 ? `, of which ${left} like these are left out` : ''})`;
  return details(title, table(['UTC', '', 'Version', 'Digest', ''], rows));
}
