import type { IncidentFact } from '../../../../shared/contracts/dora-facts.js';
import { nameSchema } from '../../../../shared/contracts/formats.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import { causeIn } from './cause-text.js';

type Json = Record<string, unknown>;

/** An incident of an export before it is one of ours. */
interface Raw {
  source: 'pagerduty' | 'opsgenie' | 'jira';
  key: unknown;
  url: unknown;
  title: unknown;
  opened: unknown;
  closed: unknown;
  severity: unknown;
  service: unknown;
  /** Where a cause may be named. */
  texts: unknown[];
}

/**
 * Reads incidents from the JSON that PagerDuty (`incidents`), Opsgenie (`data`) and Jira (`issues`) answer with, a page
 * or a list of pages. Throws an error that names the entry that cannot be read.
 */
export function readExport(text: string, file: string, environment: string): IncidentFact[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(
      `${file} is no JSON: ${error instanceof Error ? error.message : String(error)}.\nFix: export the incidents as JSON.`,
    );
  }
  const pages = Array.isArray(json) ? json : [json];
  return pages.flatMap((page, index) => {
    const raws = rawsOf(page);
    if (!raws)
      throw new Error(
        `${file}: ${Array.isArray(json) ? `entry ${index}` : 'it'} has none of "incidents" (PagerDuty), "data" (Opsgenie) and "issues" (Jira).\n` +
          'Fix: save the whole answer of the incidents API.',
      );
    return raws.map((raw, at) => factOf(raw, `${file}: incident ${at + 1}`, environment));
  });
}

function rawsOf(page: unknown): Raw[] | undefined {
  if (!isObject(page)) return undefined;
  if (Array.isArray(page['incidents'])) return page['incidents'].map((entry) => pagerDuty(objectOf(entry)));
  if (Array.isArray(page['data'])) return page['data'].map((entry) => opsgenie(objectOf(entry)));
  if (Array.isArray(page['issues'])) return page['issues'].map((entry) => jira(objectOf(entry)));
  return undefined;
}

function pagerDuty(entry: Json): Raw {
  const resolved = entry['status'] === 'resolved';
  return {
    source: 'pagerduty',
    key: entry['id'] ?? entry['incident_number'],
    url: entry['html_url'],
    title: entry['title'] ?? entry['summary'],
    opened: entry['created_at'],
    closed: entry['resolved_at'] ?? (resolved ? entry['last_status_change_at'] : undefined),
    severity: objectOf(entry['priority'])['summary'] ?? entry['urgency'],
    service: objectOf(entry['service'])['summary'],
    texts: [entry['description'], objectOf(entry['body'])['details']],
  };
}

function opsgenie(entry: Json): Raw {
  const over = entry['status'] === 'resolved' || entry['status'] === 'closed';
  const details = objectOf(entry['details'] ?? entry['extraProperties']);
  return {
    source: 'opsgenie',
    key: entry['tinyId'] ?? entry['id'],
    url: objectOf(entry['links'])['web'],
    title: entry['message'],
    opened: entry['impactStartDate'] ?? entry['createdAt'],
    closed:
      entry['impactEndDate'] ??
      (over ? (entry['resolvedAt'] ?? entry['closedAt'] ?? entry['updatedAt']) : undefined),
    severity: entry['priority'],
    service: details['service'],
    texts: [entry['description'], ...pairs(details), ...tags(entry['tags'])],
  };
}

function jira(entry: Json): Raw {
  const fields = objectOf(entry['fields']);
  const site = typeof entry['self'] === 'string' ? /^https?:\/\/[^/]+/.exec(entry['self'])?.[0] : undefined;
  return {
    source: 'jira',
    key: entry['key'],
    url: site === undefined ? undefined : `${site}/browse/${String(entry['key'])}`,
    title: fields['summary'],
    opened: fields['created'],
    closed: fields['resolutiondate'],
    severity: objectOf(fields['priority'])['name'],
    service: Array.isArray(fields['components']) ? objectOf(fields['components'][0])['name'] : undefined,
    texts: [fields['description'], ...tags(fields['labels'])],
  };
}

function factOf(raw: Raw, place: string, environment: string): IncidentFact {
  const openedAt = instant(raw.opened);
  if (openedAt === undefined)
    throw new Error(
      `${place} has no instant at which it began; got ${JSON.stringify(raw.opened)}.\nFix: export it with its dates.`,
    );
  const closedAt = raw.closed === undefined || raw.closed === null ? undefined : instant(raw.closed);
  if (closedAt === undefined && typeof raw.closed === 'string')
    throw new Error(
      `${place} ended at ${JSON.stringify(raw.closed)}, which is no instant.\nFix: export it with its dates.`,
    );
  const service = nameSchema.safeParse(raw.service);
  const cause = raw.texts
    .filter((text) => typeof text === 'string')
    .map(causeIn)
    .find((found) => Object.keys(found).length > 0);
  return {
    key: String(raw.key ?? ''),
    source: raw.source,
    url: typeof raw.url === 'string' ? raw.url : '',
    title: String(raw.title ?? ''),
    openedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(typeof raw.severity === 'string' ? { severity: raw.severity } : {}),
    marker: { ...(service.success ? { service: service.data } : {}), environment, ...cause },
  };
}

/** Instants of ISO 8601; Jira writes offsets without a colon. */
function instant(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const at = parseInstant(value.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return at === undefined ? undefined : isoInstant(at);
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const pairs = (details: Json) => Object.entries(details).map(([name, value]) => `${name}: ${String(value)}`);
const tags = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
