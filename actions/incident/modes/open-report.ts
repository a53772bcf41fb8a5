import * as z from 'zod';
import { readWorkspaceFile } from '../../../shared/config/load.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import type { Notification } from '../../../shared/contracts/notification.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import type { Setting } from '../../../shared/notify/message.js';
import { tellRefused, tellReport, type Told } from '../../../shared/notify/reports.js';
import { escapeMarkdown, link } from '../../../shared/report/markdown.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { isRefusal, prove } from '../keep.js';
import type { Done, IncidentPorts } from '../ports.js';
import { quote } from '../text.js';
import { oneOfAlerts } from './open-alerts.js';
import { openOne } from './open-one.js';

/** Largest report that is read, in bytes. */
const mostBytes = 33_554_432;

const bySeverity: Record<string, Severity> = { critical: 'critical', error: 'high', warning: 'medium' };
const byTone: Record<Notification['tone'], Severity> = {
  incident: 'critical',
  rollback: 'high',
  failure: 'high',
  hold: 'medium',
  success: 'low',
};

/** An incident that the action itself opened, as its report names it. */
const ownIncident = z.looseObject({ incident: z.looseObject({ number: z.int().positive() }) });

/**
 * Opens an incident from the report of an action of the suite. One that the action opened itself is added to. A report
 * that cannot be read opens one too: no report is never good news.
 */
export async function openFromReport(
  ports: IncidentPorts,
  path: string,
  place: { service: string; environment: string },
): Promise<Done> {
  const { host, github, input } = ports;
  const setting: Setting = {
    repository: `${host.context.owner}/${host.context.repository}`,
    serverUrl: host.context.serverUrl,
    runUrl: ports.run,
    actor: ports.by,
    ...place,
    now: isoInstant(github.now()),
  };
  const { told, text } = await tell(host.context.workspace, path, setting);
  const { notification, source } = told;
  if (notification.tone === 'success')
    return { result: 'nothing', ok: true, message: `Nothing to open: ${notification.title}.` };
  const severity =
    input.severity ?? bySeverity[notification.page?.severity ?? ''] ?? byTone[notification.tone];
  const own = await fingerprintOfOwn(ports, text);
  const parts = [place.environment, place.service, source || 'unread'].map((part) => part.toLowerCase());
  const { incident, notes } = await openOne(ports, {
    title: notification.title,
    what: [
      ...(input.text ? [quote(input.text)] : []),
      quote(notification.body),
      `**Now:** ${escapeMarkdown(notification.next)}`,
      notification.links.map(({ text: name, url }) => link(name, url)).join(' · '),
    ].join('\n\n'),
    place: { ...place, severity },
    fingerprint: own ?? `report:${parts.join(':')}`,
    origin: 'suite',
  });
  return oneOfAlerts([incident], [...notes, ...(told.refused === undefined ? [] : [told.refused])]);
}

async function tell(
  workspace: string,
  path: string,
  setting: Setting,
): Promise<{ told: Told; text: string }> {
  try {
    const text = await readWorkspaceFile(workspace, path, 'from-report', mostBytes);
    return { told: tellReport(text, setting), text };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { told: tellRefused(`The report cannot be read: ${path}.`, setting), text: '' };
  }
}

/** Fingerprint of the open incident that a report names, where its record counts. */
async function fingerprintOfOwn(ports: IncidentPorts, text: string): Promise<string | undefined> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const named = ownIncident.safeParse(json).data?.incident.number;
  if (named === undefined) return undefined;
  const found = await prove(ports, named);
  return isRefusal(found) || !found.incident.open ? undefined : found.marker.fingerprint;
}
