import type { Scope } from '../../shared/analysis/scope.js';
import type { AnalysisReport, Containment } from '../../shared/contracts/reports/analysis-report.js';
import type { Severity } from '../../shared/contracts/severity.js';
import type { IncidentMarker } from '../../shared/ledger/incidents.js';
import { code, escapeMarkdown, link } from '../../shared/report/markdown.js';
import { isoInstant } from '../../shared/time/instant.js';
import { evidence, outOfHand } from './render.js';

/** Text and marker of the incident about a release that was taken back, or should have been. Pure. */
export function incidentOf(
  report: AnalysisReport,
  severity: Severity,
  openedAtMs: number,
): { title: string; body: string; marker: IncidentMarker } | undefined {
  const { watched, previous, service, environment, takeBack } = report;
  if (!watched) return undefined;
  const restored = takeBack?.result === 'restored';
  const place = `${service} in ${environment}`;
  const title = restored
    ? `${service} ${watched.version} was rolled back in ${environment}`
    : takeBack?.result === 'started'
      ? `${service} ${watched.version} is bad and still live in ${environment}; its rollback is on the way`
      : `${service} ${watched.version} is bad in ${environment} and could not be rolled back`;
  const now = restored
    ? `${code(previous?.version ?? '')} has all traffic of ${escapeMarkdown(place)} again.`
    : `**Traffic needs a person.** ${escapeMarkdown(takeBack?.message ?? 'There is no release to go back to.')}`;
  const body = [
    ...(outOfHand(report) ?? [now, `**Why:** ${escapeMarkdown(report.reason)}`]),
    evidence(report),
    '### Timeline (UTC)',
    report.timeline.map(({ at, message }) => `- ${code(at)} ${escapeMarkdown(message)}`).join('\n'),
    `Deployment ${watched.deployment} (${code(watched.sha.slice(0, 12))}) · ${link('the run', report.run)}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
  return {
    title,
    body: fit(body),
    marker: {
      schema: 'devops-actions/incident@1',
      service,
      environment,
      severity: restored ? severity : 'critical',
      causedBy: watched.deployment,
      fingerprint: `rollback:${environment}:${service}:${watched.deployment}`,
      openedAt: isoInstant(openedAtMs),
    },
  };
}

/**
 * Text and marker of the incident about a release that is live and that nobody watches any more, though nothing says
 * that it is well. Pure.
 */
export function unwatchedIncident(
  report: AnalysisReport,
  severity: Severity,
  openedAtMs: number,
): { title: string; body: string; marker: IncidentMarker } {
  const { watched, service, environment } = report;
  const release = watched ? `${service} ${watched.version}` : service;
  const body = [
    `**Nobody watches ${escapeMarkdown(release)} in ${escapeMarkdown(environment)} any more, and nothing says that it is well.** It is live; traffic was left as it is.`,
    `**Why:** ${escapeMarkdown(report.reason)}`,
    '**Now:** look at its metrics. If it is bad, run auto-rollback in mode now; if it is well, close this issue, or run the watch again.',
    evidence(report),
    ...(watched ? [`Deployment ${watched.deployment} (${code(watched.sha.slice(0, 12))})`] : []),
    link('The run', report.run),
  ];
  return {
    title: `${release} is live in ${environment} and nobody watches it`,
    body: fit(body.filter((part) => part !== '').join('\n\n')),
    marker: {
      schema: 'devops-actions/incident@1',
      service,
      environment,
      severity,
      ...(watched ? { causedBy: watched.deployment } : {}),
      fingerprint: `unwatched:${environment}:${service}:${watched?.deployment ?? 'unknown'}`,
      openedAt: isoInstant(openedAtMs),
    },
  };
}

/** What is the same in every word about those who were taken out of a release. */
export const containedFingerprint = (
  { service, environment }: Pick<AnalysisReport, 'service' | 'environment'>,
  deployment: number | 'unknown',
): string => `contained:${environment}:${service}:${deployment}`;

/** Text and marker of the incident about the few whom a failure met, and who were taken out. Pure. */
export function containedIncident(
  { watched, service, environment, run }: AnalysisReport,
  { values, message }: Extract<Scope, { is: 'few' }>,
  { by, hook }: Containment,
  { severity, openedAtMs }: { severity: Severity; openedAtMs: number },
): { title: string; body: string; marker: IncidentMarker } {
  const release = watched ? `${service} ${watched.version}` : service;
  const body = [
    `**${values.map(code).join(', ')} cannot use ${escapeMarkdown(release)} in ${escapeMarkdown(environment)} as it should be.** ${escapeMarkdown(`The release failed for them alone and stays live for everybody else. ${hook} took them out; it decides what they see now.`)}`,
    `**Why:** ${escapeMarkdown(message)}`,
    `**Now:** tell them, find out what differs for this ${escapeMarkdown(by)}, fix forward, then undo what ${code(hook)} did and close this issue. Everybody else is judged on; if the release fails for them too, it is rolled back.`,
    ...(watched ? [`Deployment ${watched.deployment} (${code(watched.sha.slice(0, 12))})`] : []),
    link('The run', run),
  ];
  return {
    title: `${release} fails for ${values.slice(0, 3).join(', ')}${values.length > 3 ? ' and others' : ''} in ${environment}; contained`,
    body: fit(body.join('\n\n')),
    marker: {
      schema: 'devops-actions/incident@1',
      service,
      environment,
      severity,
      ...(watched ? { causedBy: watched.deployment } : {}),
      fingerprint: containedFingerprint({ service, environment }, watched?.deployment ?? 'unknown'),
      openedAt: isoInstant(openedAtMs),
    },
  };
}

/** GitHub takes 65,536 characters; the marker needs room too. */
function fit(body: string): string {
  const most = 60_000;
  return body.length <= most ? body : `${body.slice(0, most)}\n\n…cut; the report of the run has everything.`;
}
