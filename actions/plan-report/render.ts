import type { PlanChange, PlanReport } from '../../shared/contracts/reports/plan-report.js';
import { code, escapeMarkdown, table } from '../../shared/report/markdown.js';

const signs: Record<PlanReport['result'], string> = {
  unchanged: '✅',
  changes: '📝',
  held: '✋',
  denied: '❌',
  drift: '❌',
  blind: '🙈',
};

/** Characters of a summary: GitHub drops one over 1 MiB whole, and a character has up to four bytes. */
const summaryCharacters = 250_000;

/** The job summary. */
export const render = (report: PlanReport): string => renderWithin(report, summaryCharacters);

/** The plan in at most so many characters: what is destroyed first, and where it was cut. */
export function renderWithin(report: PlanReport, most: number): string {
  const { changes, policies, held, mode, notes } = report;
  const lost = changes.filter(({ action }) => action === 'destroy' || action === 'replace');
  const parts = [
    `## ${signs[report.result]} ${escapeMarkdown(report.message)}`,
    ...(lost.length === 0 ? [] : [destroyed(lost, held)]),
    ...(held.length === 0
      ? []
      : [
          `**Now:** is that meant? ${mode === 'review' ? 'After the merge, start' : 'Start'} this workflow by hand with  destroy: ${code(held.slice(0, 50).join(' '))}`,
        ]),
    ...policies
      .filter(({ is }) => is !== 'allowed')
      .map(
        ({ file, folder, is, reasons }) =>
          `- ${is === 'denied' ? '❌' : '🙈'} ${code(file)} on ${code(folder)}: ${escapeMarkdown(reasons.join('; '))}`,
      ),
    table(
      ['folder', 'destroy', 'replace', 'change', 'create', 'state alone', 'outputs'],
      report.folders.map(({ folder, blind, ...counts }) =>
        blind === undefined
          ? [
              code(folder),
              ...[counts.destroy, counts.replace, counts.update].map(String),
              ...[counts.create, counts.other, counts.outputs].map(String),
            ]
          : [code(folder), `**not known:** ${escapeMarkdown(blind)}`, '', '', '', '', ''],
      ),
    ),
    ...(policies.length === 0 ? [] : [policyLine(policies)]),
    ...notes.map(escapeMarkdown),
  ];
  return withChanges(fit(parts.join('\n\n'), most - 500), changes, most);
}

/** Rows of the first list: more than that nobody reads one by one. */
const mostRows = 100;

function destroyed(lost: readonly PlanChange[], held: readonly string[]): string {
  const rows = lost
    .slice(0, mostRows)
    .map(
      ({ folder, address, action, stateful, unsure }) =>
        `- ${stateful ? '🛑 ' : ''}${code(address)} ${action === 'replace' ? 'is replaced' : 'is destroyed'}${
          stateful
            ? `: **it ${unsure ? 'may hold' : 'holds'} data**${held.some((name) => name === address || name === `${folder}:${address}`) ? '' : ', and somebody let it go'}`
            : ''
        }`,
    );
  const rest = lost.length - rows.length;
  return [
    `### Destroys ${lost.length === 1 ? '1 resource' : `${lost.length} resources`}`,
    '',
    ...rows,
    ...(rest > 0 ? [`- ✂️ ${rest} more stand in the report.`] : []),
  ].join('\n');
}

function policyLine(policies: PlanReport['policies']): string {
  const files = new Set(policies.map(({ file }) => file));
  const bad = new Set(policies.filter(({ is }) => is !== 'allowed').map(({ file }) => file));
  return `${files.size === 1 ? '1 policy was' : `${files.size} policies were`} asked; ${files.size - bad.size} had no objection.`;
}

const words: Record<PlanChange['action'], string> = {
  destroy: '➖ destroy',
  replace: '🔁 replace',
  update: '✏️ change',
  create: '➕ create',
  other: '🏷️ state alone',
};

function withChanges(head: string, changes: readonly PlanChange[], most: number): string {
  if (changes.length === 0) return `${head}\n`;
  const note = (shown: number) =>
    shown === changes.length
      ? ''
      : `\n\n✂️ Cut here: ${shown} of ${changes.length} changes are shown. The report of this run lists all of them.`;
  // What the note may take is kept free from the start.
  const room = most - note(0).length - 20;
  let text = `${head}\n\n### What changes`;
  let shown = 0;
  for (const change of changes) {
    const part = `\n\n${changeText(change)}`;
    if (text.length + part.length > room) break;
    text += part;
    shown += 1;
  }
  return `${text}${note(shown)}\n`;
}

const changeText = ({ folder, address, action, attributes }: PlanChange): string =>
  [
    `${words[action]} ${code(address)} in ${code(folder)}`,
    ...(attributes.length === 0
      ? []
      : [
          '',
          table(
            ['', 'is', 'will be'],
            attributes.map(({ name, before, after }) => [code(name), cell(before), cell(after)]),
          ),
        ]),
  ].join('\n');

const cell = (value: string) => (value === '' ? '' : code(value));

/** Cut at a line, so that no table or link is cut within. */
function fit(text: string, most: number): string {
  if (text.length <= most) return text;
  // A line that is longer than all there is room for is cut within: too long, GitHub takes nothing at all.
  const end = text.lastIndexOf('\n', most);
  return `${text.slice(0, end < most / 2 ? most : end)}\n\n✂️ Cut here.`;
}
