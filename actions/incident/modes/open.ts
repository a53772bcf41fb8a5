import { createHash } from 'node:crypto';
import { isInlineConfig, readWorkspaceFile } from '../../../shared/config/load.js';
import { describeProblems } from '../../../shared/config/problem.js';
import { oneOfAlerts, openAlerts } from './open-alerts.js';
import { openFromReport } from './open-report.js';
import { openOne } from './open-one.js';
import type { Done, IncidentPorts } from '../ports.js';
import { oneLine, quote } from '../text.js';

/**
 * Opens an incident from what a person wrote, from an alert, or from a report. A file of incidents that is wrong is told
 * and fails the step, and the incident is opened by the defaults all the same: an alert must not get lost by a typing
 * error.
 */
export async function open(ports: IncidentPorts): Promise<Done> {
  const done = await openAsked(ports);
  const { problems, path } = ports.read;
  if (problems.length === 0) return done;
  const wrong = `${path} is wrong, so the defaults were used and nobody was mentioned. ${describeProblems(problems)}`;
  return { ...done, ok: false, message: `${done.message} ${wrong}`, notes: [...(done.notes ?? []), wrong] };
}

async function openAsked(ports: IncidentPorts): Promise<Done> {
  const { input, host } = ports;
  if (input.alert !== undefined) {
    const inline = isInlineConfig(input.alert);
    const text = inline ? input.alert : await readWorkspaceFile(host.context.workspace, input.alert, 'alert');
    return openAlerts(ports, text, inline ? 'input alert' : input.alert);
  }
  const place = { service: input.service!, environment: input.environment! };
  if (input['from-report'] !== undefined) return openFromReport(ports, input['from-report'], place);
  const title = oneLine(input.title!);
  const parts = [place.environment.toLowerCase(), place.service.toLowerCase(), title];
  const { incident, notes } = await openOne(ports, {
    title,
    what: quote(input.text || title),
    place: { ...place, severity: input.severity! },
    fingerprint: `person:${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`,
    origin: 'person',
  });
  return oneOfAlerts([incident], notes);
}
