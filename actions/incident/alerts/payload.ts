import * as z from 'zod';
import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import { parseInstant } from '../../../shared/time/instant.js';

/** One alert, whoever sent it; all texts are of others. */
export interface Alert {
  status: 'firing' | 'resolved';
  labels: Readonly<Record<string, string>>;
  title: string;
  description: string;
  /** Epoch milliseconds, as the sender has them. */
  startsAt: number | undefined;
  endsAt: number | undefined;
  /** Pages that explain it; shown as text, never as links. */
  pages: readonly string[];
}

const texts = z.record(z.string(), z.string());
const status = z.enum(['firing', 'resolved']);

/** The body of a webhook of Alertmanager, version 4; newer ones may add keys. */
const alertmanager = z.looseObject({
  version: z.literal('4'),
  truncatedAlerts: z.int().nonnegative().optional(),
  alerts: z
    .array(
      z.looseObject({
        status,
        labels: texts,
        annotations: texts.default({}),
        startsAt: z.string().optional(),
        endsAt: z.string().optional(),
        generatorURL: z.string().optional(),
      }),
    )
    .min(1),
});

/** The body of anything else that can send JSON. */
const generic = z.strictObject({
  title: z.string().min(1),
  status: status.optional(),
  labels: texts.default({}),
  description: z.string().default(''),
  startsAt: z.string().optional(),
  endsAt: z.string().optional(),
  url: z.string().optional(),
});

export interface ReadAlerts {
  alerts: Alert[];
  /** Alerts that the sender left out. */
  truncated: number;
}

/** Largest body that is read, in characters; GitHub takes less. */
const longest = 1_048_576;

/**
 * The alerts of a body: that of Alertmanager, the generic one, or either under the key `alert` (GitHub takes ten keys at
 * most). `standard` is the status of a generic one that says none. Throws ConfigurationError when it is neither: an alert that is not understood fails the step.
 */
export function readAlerts(text: string, file: string, standard: Alert['status']): ReadAlerts {
  if (text.length > longest) throw wrong(file, '', `${text.length} characters`, `at most ${longest}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw wrong(file, '', 'no JSON', 'the body of a webhook of Alertmanager, or the generic one');
  }
  const body =
    z.strictObject({ alert: z.record(z.string(), z.unknown()) }).safeParse(json).data?.alert ?? json;
  const isManager = z.looseObject({ alerts: z.array(z.unknown()) }).safeParse(body).success;
  if (isManager) {
    const parsed = alertmanager.safeParse(body);
    if (!parsed.success) throw refused(file, parsed.error.issues);
    const { alerts, truncatedAlerts = 0 } = parsed.data;
    return { truncated: truncatedAlerts, alerts: alerts.map(ofManager) };
  }
  const parsed = generic.safeParse(body);
  if (!parsed.success) throw refused(file, parsed.error.issues);
  const { title, labels, description, startsAt, endsAt, url } = parsed.data;
  return {
    truncated: 0,
    alerts: [
      {
        status: parsed.data.status ?? standard,
        labels,
        title,
        description,
        startsAt: instant(startsAt),
        endsAt: instant(endsAt),
        pages: url === undefined ? [] : [url],
      },
    ],
  };
}

type Managed = z.output<typeof alertmanager>['alerts'][number];

function ofManager({ status: is, labels, annotations, startsAt, endsAt, generatorURL }: Managed): Alert {
  const pages = [annotations['runbook_url'], annotations['dashboard_url'], generatorURL];
  return {
    status: is,
    labels,
    title: annotations['summary'] || labels['alertname'] || 'Alert without a name',
    description: annotations['description'] ?? annotations['message'] ?? '',
    startsAt: instant(startsAt),
    // Alertmanager writes the year 1 for what has no end yet.
    endsAt: is === 'resolved' ? instant(endsAt) : undefined,
    pages: pages.flatMap((page) => (page ? [page] : [])),
  };
}

/** Go writes nanoseconds; instants have milliseconds here. */
function instant(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseInstant(text.replace(/(\.\d{3})\d+(?=Z|[+-])/, '$1'));
}

function refused(file: string, issues: readonly z.core.$ZodIssue[]): ConfigurationError {
  return new ConfigurationError(
    issues.slice(0, 10).map(({ path, message }) => problem(file, path.join('.'), 'another value', message)),
  );
}

const wrong = (file: string, path: string, got: string, allowed: string) =>
  new ConfigurationError([problem(file, path, got, allowed)]);

const problem = (file: string, path: string, got: string, allowed: string): Problem => ({
  file,
  path,
  got,
  allowed,
  fix: 'send one of the two bodies of docs/incidents.md, in client_payload.alert',
});
