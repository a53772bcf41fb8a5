import * as z from 'zod';
import type { FindingSeverity } from '../../../shared/contracts/reports/scan-report.js';

/** One thing that a scanner found, in one form for all of them. */
export interface Found {
  /** What advisories, rules or licences call it. */
  id: string;
  /** Other names of the same. */
  aliases?: readonly string[];
  severity: FindingSeverity;
  title: string;
  package?: { name: string; version: string };
  file?: string;
  line?: number;
  /** The change to make, where the scanner says it. */
  fix?: string;
}

/** What a report says. */
export interface Reading {
  /** How many things it looked at; undefined where the report does not say. */
  lookedAt?: number | undefined;
  findings: readonly Found[];
  /** Why it did not see everything it should have seen. */
  blind?: readonly string[];
}

/** A scanner whose report can be read: one file here and one line in the registry. */
export interface Scanner {
  /** What it looks at, in the plural. */
  unit: string;
  /** Exit codes after a complete scan: always, and only when something was found. */
  exits: { clean: readonly number[]; found: readonly number[] };
  /** Reads its JSON; a text is why it cannot be read. */
  read(json: unknown): Reading | string;
}

/** Ties a report's schema to how it is read. Keys that the schema does not name are the vendor's own business. */
export function defineScanner<S extends z.ZodType>(scanner: {
  unit: string;
  exits?: Partial<Scanner['exits']>;
  schema: S;
  read: (report: z.output<S>) => Reading;
}): Scanner {
  const { unit, exits, schema, read } = scanner;
  return {
    unit,
    exits: { clean: [0], found: [], ...exits },
    read(json) {
      const parsed = schema.safeParse(json);
      if (parsed.success) return read(parsed.data);
      const [issue] = parsed.error.issues;
      return `${issue?.path.map(String).join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`;
    },
  };
}

const words: Record<string, FindingSeverity> = {
  critical: 'critical',
  blocker: 'critical',
  error: 'high',
  high: 'high',
  important: 'high',
  warning: 'medium',
  moderate: 'medium',
  medium: 'medium',
  info: 'low',
  note: 'low',
  style: 'low',
  low: 'low',
  negligible: 'low',
};

/** A vendor's word for how bad it is. A word that is not known is never taken for a harmless one. */
export const severityOf = (word: string | null | undefined): FindingSeverity =>
  words[word?.toLowerCase() ?? ''] ?? 'unknown';

/** The same by a CVSS score, as advisories and SARIF give it. */
export function severityOfScore(score: number): FindingSeverity {
  if (!(score >= 0 && score <= 10)) return 'unknown';
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  return score >= 4 ? 'medium' : 'low';
}
