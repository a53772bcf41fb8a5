import type { FleetReport } from '../../../shared/contracts/fleet-report.js';
import { code, details, escapeMarkdown, table } from '../../../shared/report/markdown.js';
import type { Proposal } from '../../init/proposal.js';
import type { Lock } from '../../init/lock.js';

/** Places that are listed; a pull request holds 65,536 characters. */
const mostShown = 100;

export const titleOf = ({ suite }: Proposal): string =>
  `devops-actions ${suite.version}: files as this version writes them`;

/** What a reviewer reads: from which version to which, what changes, and what was left as the team changed it. */
export function bodyOf({ suite, files, kept, byHand }: Proposal, lock: Lock, serverUrl: string): string {
  const { ref, version } = lock.answers.suite;
  const compare = `${serverUrl}/${suite.repository}/compare/${ref}...${suite.ref}`;
  return [
    ref === suite.ref
      ? `Files of the suite that are not as ${code(suite.version)} wrote them.`
      : `From ${code(version)} to ${code(suite.version)} of ${code(suite.repository)}: [what changed there](${compare}).`,
    `${code('.github/devops-actions.json')} has the answers; they stay as they are.`,
    list(files.map(({ path }) => code(path))),
    ...(kept.length === 0
      ? []
      : [
          '**Left as your team changed them.** This version writes something else there; look whether you still need your change:',
          list(kept.map(placeOf)),
        ]),
    ...(byHand.length === 0 ? [] : [bring(suite.version), list(byHand.map(code))]),
    'Review it as any change: these files decide what a release must prove and what it does. Nothing merges it for you. Do not push to this branch: a run that finds your commit stops, and says so.',
  ].join('\n\n');
}

const bring = (version: string) =>
  `**For a person to bring.** GitHub would run these with a login, secrets or on a runner of yours as soon as this branch is there, before anybody reviewed them. Read what changed, run ${code('init')} of ${code(version)} with ${code('--ref')} and ${code('--version')} in a clone, and open a pull request of your own:`;

const placeOf = ({ path, line, what }: Proposal['kept'][number]) =>
  `${code(`${path}${line === undefined ? '' : `:${line}`}`)} ${escapeMarkdown(what)}`;

const list = (lines: readonly string[]) =>
  [
    ...lines.slice(0, mostShown).map((line) => `- ${line}`),
    ...(lines.length > mostShown ? [`- … and ${lines.length - mostShown} more`] : []),
  ].join('\n');

const signs = { ok: '✅', wrong: '❌', unknown: '❔' } as const;

/** The job summary: what became of the pull request, what was left, and which settings are open. */
export function render({
  result,
  message,
  pull,
  files,
  kept,
  'by-hand': byHand,
  settings,
  from,
  to,
}: FleetReport): string {
  const open = settings.filter(({ is }) => is === 'wrong');
  const bad = result === 'held' || open.length > 0;
  const rows = [...settings]
    .sort((a, b) => Number(a.is === 'ok') - Number(b.is === 'ok'))
    .map(({ setting, is, why, fix }) => [
      signs[is],
      escapeMarkdown(setting),
      escapeMarkdown(why.join('; ')),
      fix === undefined ? '' : escapeMarkdown(fix),
    ]);
  return [
    `## ${bad ? '❌' : '✅'} ${escapeMarkdown(message)}`,
    `Files by ${code(from)}, looked at by ${code(to)}.${pull ? ` [Pull request #${pull.number}](${pull.url})` : ''}`,
    ...(files.length === 0 ? [] : [details(`Files: ${files.length}`, list(files.map(code)))]),
    ...(kept.length === 0 ? [] : [`**Left as your team changed them:**\n\n${list(kept.map(placeOf))}`]),
    ...(byHand.length === 0 ? [] : [`${bring(to)}\n\n${list(byHand.map(code))}`]),
    ...(open.length === 0
      ? []
      : [
          `**Now:** ${open.length === 1 ? 'a setting lets' : `${open.length} settings let`} somebody around the gate.`,
        ]),
    table(['', 'setting', 'why', 'fix'], rows),
    '❔ could not be read with this token: `init --check` by somebody who administers the repository sees it.',
    '',
  ].join('\n\n');
}
