import type { Severity } from '../../shared/contracts/severity.js';
import { statusLine, type IncidentMarker } from '../../shared/ledger/incident-marker.js';
import { code, escapeMarkdown, link, table } from '../../shared/report/markdown.js';
import { characters, cut } from '../../shared/notify/text.js';
import { formatDuration } from '../../shared/time/duration.js';
import { isoInstant, parseInstant } from '../../shared/time/instant.js';
import type { Alert } from './alerts/payload.js';
import { dutyOf, type IncidentRules } from './config/schema.js';

/**
 * Longest text of others in an issue or comment, in characters as they are sent: escaping makes one of them up to six,
 * and GitHub takes 65,536 in all and nothing of a longer text.
 */
const longest = 20_000;
/** Longest line of the timeline, with room for who wrote it. */
const longestNote = 60_000;
/** Alerts that an issue lists. */
const mostAlerts = 20;

/** Text of others as a quotation: each line is text, whatever is in it. */
export function quote(text: string): string {
  const quoted = (part: string) =>
    part
      .split('\n')
      .map((line) => `> ${escapeMarkdown(line)}`)
      .join('\n');
  return cut(characters(text, longest), longest, quoted);
}

/** One line of others, for titles: GitHub shows those as text. */
export const oneLine = (text: string, most = 200): string =>
  characters(text, most).replace(/\s+/g, ' ').trim() || 'Incident without a title';

/** Mentions of the file of incidents; nobody else is ever mentioned. */
export const mentions = (names: readonly string[]): string => names.map((name) => `@${name}`).join(' ');

const readable = (instant: string) => `${instant.slice(0, 16).replace('T', ' ')} UTC`;

/** What an alert says, as text; its pages are no links, since their addresses are of others. */
export function alertText(alerts: readonly Alert[], truncated: number): string {
  const rows = alerts.slice(0, mostAlerts).map(({ status, title, description, labels, startsAt }) => [
    status,
    escapeMarkdown(oneLine(title)),
    escapeMarkdown(characters(description, 500)),
    Object.entries(labels)
      .slice(0, 20)
      .map(([name, value]) => code(characters(`${name}=${value}`, 150)))
      .join(' '),
    startsAt === undefined ? '' : readable(isoInstant(startsAt)),
  ]);
  const pages = [...new Set(alerts.flatMap(({ pages: all }) => all))].slice(0, 5);
  const shown = rows.filter((_, index) => {
    const before = rows.slice(0, index + 1).flat();
    return index === 0 || before.reduce((sum, cell) => sum + cell.length, 0) <= longest;
  });
  const left = alerts.length - shown.length + truncated;
  return [
    table(['', 'Alert', 'What', 'Labels', 'Since'], shown),
    ...(left > 0 ? [`${left} more alerts are not shown.`] : []),
    ...(pages.length > 0
      ? [`Pages that the alert names: ${pages.map((page) => code(characters(page, 500))).join(' ')}`]
      : []),
  ].join('\n\n');
}

/** The text of a new issue in front of its status. */
export function openingText(
  what: string,
  { service, severity }: Pick<IncidentMarker, 'service' | 'severity'>,
  rules: IncidentRules,
  facts: { untriaged: readonly string[]; run: string },
): string {
  const duty = dutyOf(rules, service);
  return [
    ...(facts.untriaged.length > 0
      ? [
          `**Untriaged:** ${escapeMarkdown(facts.untriaged.join('; '))}. It holds up no release until somebody runs mode triage with service and environment.`,
        ]
      : []),
    `**First:** ${escapeMarkdown(rules.severities[severity].do)}`,
    ...(duty.mention.length > 0 ? [`On call: ${mentions(duty.mention)}`] : []),
    what,
    `Go on with the workflow of incidents: triage (whom it meets), contain, note, resolve, close. Write as comments: who edits this text takes its record away. ${link('The run that opened it', facts.run)}`,
  ].join('\n\n');
}

/** The part of an issue that the suite writes anew at each change. Pure. */
export function statusText(marker: IncidentMarker): string {
  const { severity, service, environment, scope, deadline, acknowledged, openedAt, resolvedAt } = marker;
  const rows: [string, string][] = [
    ['Severity', `${severity}${marker.worst && marker.worst !== severity ? ` (was ${marker.worst})` : ''}`],
    ['Where', escapeMarkdown(`${service} in ${environment}`)],
    ['Whom it meets', scopeText(scope)],
    ['Opened', readable(openedAt)],
    ['Answer by', deadline ? readable(deadline) : 'the next cycle'],
    ['Answered', acknowledged ? `${readable(acknowledged.at)} by ${code(acknowledged.by)}` : 'nobody yet'],
    [
      'Resolved',
      resolvedAt
        ? `${readable(resolvedAt)}, after ${formatDuration((parseInstant(resolvedAt) ?? 0) - (parseInstant(openedAt) ?? 0))}`
        : 'no',
    ],
    ...(marker.reportedIn ? [['Reported in', `#${marker.reportedIn}`] as [string, string]] : []),
    ...(marker.postMortem ? [['Post-mortem', link('here', marker.postMortem)] as [string, string]] : []),
  ];
  return `${statusLine}\n\n${table(['Status', ''], rows)}`;
}

export function scopeText(scope: IncidentMarker['scope'] | null): string {
  if (!scope) return 'not known yet';
  return scope === 'everybody' ? 'everybody' : scope.map(code).join(', ');
}

/** A line of the timeline, as a comment. */
export function noteText(what: string, { by, at, run }: { by: string; at: number; run: string }): string {
  return `${cut(what, longestNote)}\n\n${code(readable(isoInstant(at)))} · ${code(by)} · ${link('run', run)}`;
}

/** GitHub refuses a longer list of labels whole. */
const mostLabels = 100;

/** How severe an incident is, as labels of GitHub have it, with everything else that the issue was labelled. */
export function labelsOf(
  current: readonly string[],
  own: readonly string[],
  { untriaged }: Pick<IncidentMarker, 'untriaged'>,
): string[] {
  const others = current.filter((label) => !/^(?:incident$|untriaged$|severity|service:)/i.test(label));
  return [...new Set([...own, ...(untriaged?.length ? ['untriaged'] : []), ...others])].slice(0, mostLabels);
}

export const signs: Record<Severity, string> = { critical: '🚨', high: '🔴', medium: '🟠', low: '🟡' };
