import * as z from 'zod';
import { instantSchema, nameSchema } from '../contracts/formats.js';
import { severitySchema } from '../contracts/severity.js';
import { serviceLabel } from './names.js';

/** What the suite knows of an incident, hidden in the issue's text. */
export const incidentMarkerSchema = z.strictObject({
  schema: z.literal('devops-actions/incident@1'),
  service: nameSchema,
  environment: nameSchema,
  severity: severitySchema,
  /** The Deployment that caused it, when one is known. */
  causedBy: z.int().positive().optional(),
  /** Same for the same trouble: an open incident with it is updated instead of a second one opened. */
  fingerprint: z.string(),
  openedAt: instantSchema,
  /** When users were well again; the issue stays open until its post-mortem is there. */
  resolvedAt: instantSchema.optional(),
  /** Who opened it: a person, an alert, or an action of the suite, which leaves it out. */
  origin: z.enum(['person', 'alert', 'suite']).optional(),
  /** The worst severity that it ever had, where that is another one. */
  worst: severitySchema.optional(),
  /** When somebody has to have answered. Left out: in the next cycle. */
  deadline: instantSchema.optional(),
  /** Who answered first, and when. */
  acknowledged: z.strictObject({ by: z.string(), at: instantSchema }).optional(),
  /** Whom it meets: everybody, or these tenants. */
  scope: z.union([z.literal('everybody'), z.array(z.string().max(100)).max(50)]).optional(),
  /** When nobody had answered in time and more people were told. */
  escalatedAt: instantSchema.optional(),
  /** When people were reminded of the post-mortem. */
  remindedAt: instantSchema.optional(),
  /** Name of the alert that opened it. */
  alert: z.string().max(200).optional(),
  /** Why nobody knows yet where it belongs. */
  untriaged: z.array(z.string().max(200)).optional(),
  /** The issue of somebody else that reported it. */
  reportedIn: z.int().positive().optional(),
  /** When the suite closed it; left out while it is open, and where a person closed it and nobody looked yet. */
  endedAt: instantSchema.optional(),
  /** Address of the post-mortem with which it was closed. */
  postMortem: z.string().optional(),
});

export type IncidentMarker = z.output<typeof incidentMarkerSchema>;

const open = '<!-- devops-actions:incident ';
const close = ' -->';

/** Where the part of an issue's text begins that the suite writes anew at each change. */
export const statusLine = '<!-- devops-actions:incident-status -->';

/**
 * The marker as a hidden line; nothing inside can end the comment. Throws ZodError for one that could not be read again:
 * an incident would lose its record by it.
 */
export function writeMarker(given: IncidentMarker): string {
  const marker = incidentMarkerSchema.parse(given);
  return `${open}${JSON.stringify(marker).replace(/[<>-]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)}${close}`;
}

/**
 * The marker of a text, or undefined when there is none or it is not ours in form. Ours is the last: what stands above
 * it quotes others.
 */
export function readMarker(text: string): IncidentMarker | undefined {
  const start = text.lastIndexOf(open);
  const end = text.indexOf(close, start);
  if (start < 0 || end < 0) return undefined;
  try {
    const parsed = incidentMarkerSchema.safeParse(JSON.parse(text.slice(start + open.length, end)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** GitHub refuses a longer text whole, in characters. */
const longestBody = 65_536;

/** The text of an issue that ends in what the suite writes: where both are too long together, the text is cut. */
export const issueBody = (text: string, end: string): string => {
  const room = longestBody - end.length - 2;
  const shown = text.length <= room ? text : `${text.slice(0, room - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
  return `${shown}\n\n${end}`;
};

/** Labels of an incident. */
export function incidentLabels(marker: Pick<IncidentMarker, 'severity' | 'service'>): string[] {
  return ['incident', `severity:${marker.severity}`, serviceLabel(marker.service)];
}

/** The text of an issue in front of what the suite writes anew. */
export function textBefore(body: string): string {
  const end = [statusLine, open].map((mark) => body.lastIndexOf(mark)).filter((at) => at >= 0);
  return body.slice(0, Math.min(body.length, ...end)).trimEnd();
}
