import { createHash } from 'node:crypto';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { severitySchema, type Severity } from '../../../shared/contracts/severity.js';
import { sameName } from '../../../shared/ledger/names.js';
import type { AlertRules, Hook } from '../config/schema.js';
import type { Alert } from './payload.js';

/** Service of incidents that nobody could assign; a name that holds up no release. */
export const untriagedService = 'untriaged';

/** A record takes reasons of this length. */
const longestReason = 200;

/** Where an alert belongs. */
export interface AlertPlace {
  service: string;
  environment: string;
  severity: Severity;
  /** Why a person has to say where it belongs, in words; none where it is known. */
  untriaged: readonly string[];
}

/** Alerts of one trouble: one incident. */
export interface AlertGroup extends AlertPlace {
  name: string;
  fingerprint: string;
  /** firing as long as one of them is. */
  status: Alert['status'];
  alerts: readonly Alert[];
}

/** Maps labels to service, environment and severity. What cannot be mapped is untriaged, never dropped. Pure. */
export function placeOf({ labels }: Alert, rules: AlertRules): AlertPlace {
  const untriaged: string[] = [];
  const named = (value: string | undefined, map: Readonly<Record<string, string>>) => {
    const mapped = value === undefined ? undefined : (own(map, value) ?? value);
    return nameSchema.safeParse(mapped).data;
  };
  const label = first(labels, rules['service-labels']);
  const service = named(label, rules.services);
  const isKnown = service !== undefined && (rules.known?.some((known) => sameName(known, service)) ?? true);
  if (!isKnown)
    untriaged.push(
      label === undefined
        ? `none of the labels ${rules['service-labels'].join(', ')} is there`.slice(0, longestReason)
        : `no service is known by the label's value`,
    );
  const environmentLabel = first(labels, rules['environment-labels']);
  const environment = named(environmentLabel, rules.environments);
  if (environmentLabel !== undefined && environment === undefined)
    untriaged.push("the environment's label is no name");
  const severity = own(labels, rules['severity-label']);
  const known = severity === undefined ? undefined : own(rules.severities, severity.toLowerCase());
  return {
    service: isKnown ? service : untriagedService,
    environment: environment ?? rules['default-environment'],
    severity: known ?? 'high',
    untriaged,
  };
}

const first = (labels: Alert['labels'], names: readonly string[]) =>
  names.map((name) => own(labels, name)).find((value) => value);

const labelOf = ({ labels }: Alert, rules: AlertRules) => first(labels, rules['service-labels']);

/** Labels of others may be called like members of every object. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

/** Alerts by trouble: the name of the alert in a place. The worst first. Pure. */
export function groupAlerts(alerts: readonly Alert[], rules: AlertRules): AlertGroup[] {
  const groups = new Map<string, { place: AlertPlace; name: string; alerts: Alert[] }>();
  for (const alert of alerts) {
    const place = placeOf(alert, rules);
    const name = own(alert.labels, 'alertname') ?? alert.title;
    const fingerprint = fingerprintOf(place, name, labelOf(alert, rules));
    const known = groups.get(fingerprint);
    if (!known) groups.set(fingerprint, { place, name, alerts: [alert] });
    else {
      known.alerts.push(alert);
      known.place = { ...known.place, severity: worse(known.place.severity, place.severity) };
    }
  }
  return [...groups.entries()]
    .map(([fingerprint, { place, name, alerts: those }]): AlertGroup => ({
      ...place,
      name,
      fingerprint,
      status: those.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
      alerts: those,
    }))
    .sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || rank(a.severity) - rank(b.severity));
}

/**
 * Severity is no part of it: an alert that gets worse is the same trouble. Of what is untriaged the label is one: two
 * services that nobody knows are two troubles.
 */
function fingerprintOf(
  { service, environment, untriaged }: AlertPlace,
  name: string,
  label: string | undefined,
): string {
  const parts = [environment.toLowerCase(), service.toLowerCase(), name];
  if (untriaged.length > 0) parts.push(label ?? '');
  return `alert:${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

/** What fires comes before what is over: what is beyond the most that one body opens is told together. */
const isOver = ({ status }: AlertGroup) => status === 'resolved';
const rank = (severity: Severity) => severitySchema.options.indexOf(severity);
const worse = (a: Severity, b: Severity) => (rank(a) <= rank(b) ? a : b);

/** Hooks that the file wants run at an alert of this name. Pure. */
export const hooksFor = (hooks: readonly Hook[], alert: string): string[] =>
  hooks.filter((hook) => hook['on-alerts'].includes(alert)).map(({ name }) => name);
