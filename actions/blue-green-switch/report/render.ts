import { code, codeBlock, details, escapeMarkdown, link, table } from '../../../shared/report/markdown.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { describeWeights } from '../../../shared/traffic/router.js';
import { renderHelp } from '../help.js';
import { nextStep } from './next-step.js';
import { renderCourse, renderSamples } from './render-course.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';
import { titleOf } from './title.js';

/**
 * The job summary of a switch: verdict, what is live, what to do now, before and after, the course of traffic, what new
 * connections showed, timeline.
 */
export function render(report: SwitchReport): string {
  const { message, reasons, course, entry } = report;
  const next = nextStep(report);
  const events = report.timeline.map(({ at, message, url }) => [
    code(at.slice(11, 23)),
    url ? link(message, url) : escapeMarkdown(message),
  ]);
  const parts = [
    `## ${iconOf(report)} ${escapeMarkdown(titleOf(report))}`,
    [`**Live now:** ${traffic(report.after)}`, ...usersMet(report)].join(' · '),
    // An error may name commands to copy.
    ...(report.result === 'error' ? [codeBlock(message)] : sentences(untitled(report), reasons)),
    next && `**What to do:** ${next}`,
    renderHelp(report),
    table(['', `mode ${report.mode}`], rowsOf(report)),
    worthATable(report) ? nodesTable(report.nodes) : undefined,
    report.colours && coloursTable(report.colours),
    course && renderCourse(course),
    entry && renderSamples(entry),
    events.length > 0 ? details(`Timeline (${events.length})`, table(['UTC', ''], events)) : undefined,
    evidence(report).join(' · '),
  ];
  return `${parts.filter((part) => part).join('\n\n')}\n`;
}

/** What was said, without the title where that is said with it. */
function untitled(report: SwitchReport): string {
  const title = `${titleOf(report)}: `;
  const { message } = report;
  return message.startsWith(title) ? message.slice(title.length) : message;
}

/** What was said, and the reasons as a list where they are not said already: several read better apart. */
function sentences(message: string, reasons: readonly string[]): string[] {
  const list = reasons.map((reason) => `- ${escapeMarkdown(reason)}`).join('\n');
  if (reasons.length > 1 && message.includes(reasons.join('; ')))
    return [escapeMarkdown(message.replace(reasons.join('; '), '').trim()), list];
  const isSaid = reasons.every((reason) => message.includes(reason));
  return isSaid ? [escapeMarkdown(message)] : [escapeMarkdown(message), list];
}

/** What needs a person's eyes is a warning even where the step passed. */
function iconOf({ result, ok, connections }: SwitchReport): string {
  if (result === 'drift' || result === 'held') return '⚠️';
  if (result === 'reverted') return '⏪';
  if (!ok) return '❌';
  if (connections && connections.failed > 0) return '⚠️';
  return result === 'paused' ? '⏸️' : '✅';
}

/** What new connections met, and how many of the checks saw the release. */
function usersMet({ connections, entry, version }: SwitchReport): string[] {
  const saw = version === undefined ? 'the expected release' : code(version);
  return [
    ...(connections ? [`${connections.failed} of ${connections.opened} new connections failed`] : []),
    ...(entry ? [`${entry.seen} of ${entry.connections} checks saw ${saw}`] : []),
  ];
}

function traffic(weights: SwitchReport['before']): string {
  return weights ? escapeMarkdown(describeWeights(weights)) : 'not known, the router could not be read';
}

/** One node that can be read is what was said already. */
const worthATable = ({ nodes, mode }: SwitchReport) =>
  mode === 'status' || nodes.length > 1 || nodes.some(({ why }) => why !== undefined);

function nodesTable(nodes: SwitchReport['nodes']): string {
  const rows = nodes.map(({ name, weights, saved, why }) => [
    code(name),
    weights ? traffic(weights) : `⚠️ ${escapeMarkdown(why ?? 'cannot be read')}`,
    saved === undefined ? '' : saved ? traffic(saved) : 'not understood',
  ]);
  return table(['Node', 'Traffic', 'After a restart'], rows);
}

function coloursTable(colours: NonNullable<SwitchReport['colours']>): string {
  const rows = colours.map(({ name, url, ok, version, why }) => [
    code(name),
    version === undefined ? '' : code(version),
    ok ? 'well' : escapeMarkdown(why ?? ''),
    escapeMarkdown(url),
  ]);
  return table(['Colour', 'Says it runs', 'State', 'Address'], rows);
}

function rowsOf(report: SwitchReport): string[][] {
  const { target, version, digest, deployment, switchMs, by, connections } = report;
  const rows = [
    ['Traffic before', traffic(report.before)],
    ['Traffic after', traffic(report.after)],
  ];
  if (target) rows.push(['Target', code(target)]);
  if (version) rows.push(['Version', `${code(version)}${digest ? ` (${code(digest.slice(0, 19))})` : ''}`]);
  if (deployment) rows.push(['Deployment', String(deployment)]);
  if (switchMs !== undefined)
    rows.push(
      isLive(report)
        ? [
            report.course && report.course.stops.length > 0 ? 'Last step' : 'Switched',
            `in ${formatDuration(switchMs)}, at ${report.switchedAt ?? ''}`,
          ]
        : [
            'Had all traffic',
            `after ${formatDuration(switchMs)}, at ${report.switchedAt ?? ''}; ${keptOf(report)}`,
          ],
    );
  if (connections)
    rows.push([
      'Failed connections',
      `${connections.failed} of ${connections.opened}${connections.failed > 0 ? `, ${connections.firstAt?.slice(11, 23)} to ${connections.lastAt?.slice(11, 23)} UTC` : ''}${connections.failedBefore > 0 ? `; ${connections.failedBefore} more failed before traffic was moved` : ''}`,
    ]);
  if (by) rows.push(['Started by', escapeMarkdown(by)]);
  rows.push(['Router', escapeMarkdown(report.router)]);
  if (report.lock !== undefined) rows.push(['Lock', report.lock ? lockText(report.lock) : 'free']);
  return rows;
}

/** Whether the target that was switched to still has all traffic, by what the step ended in. */
const isLive = ({ result, mode }: SwitchReport) =>
  ['switched', 'degraded', 'completed'].includes(result) || (result === 'reverted' && mode === 'revert');

/** Whether a target that had all traffic, in a step that did not end well, has it still. */
const keptOf = ({ after, target = '' }: SwitchReport) =>
  after === null
    ? 'whether it still has it is not known'
    : after[target] === 100
      ? 'it still has it'
      : 'not kept';

const lockText = ({ phase, holder, since }: NonNullable<SwitchReport['lock']>) =>
  escapeMarkdown(`${phase} by ${holder}, since ${since}`);

/** Pages that prove or explain what is said. */
function evidence({ run, environment, deployment, timeline }: SwitchReport): string[] {
  const repository = run.replace(/\/actions\/runs\/.*$/, '');
  return [
    link('This run', run),
    ...(deployment === undefined
      ? []
      : [link('Deployments', `${repository}/deployments/${encodeURIComponent(environment)}`)]),
    ...timeline.flatMap(({ message, url }) => (url ? [link(message.replace(url, '').trim(), url)] : [])),
  ];
}
