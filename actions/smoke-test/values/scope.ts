import { createCookieJar, type CookieJar } from '../../../shared/http/cookies.js';
import { parseDuration } from '../../../shared/time/duration.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { Lookup } from './interpolate.js';

/**
 * Values that are made up anew for each flow; `{{ email.buyer }}` is another one than `{{ email }}`. Those of time are
 * when the flow began, or as much later as the label says: `{{ today.7d }}`.
 */
export const generators = ['uuid', 'email', 'number', 'timestamp', 'today', 'epoch', 'epoch-ms'] as const;

/** First words of references that cannot be names of variables or captures. */
export const reservedNames: readonly string[] = [...generators, 'env', 'secrets', 'row', 'tenant', 'other'];

/** What a whole suite may refer to, by the reference as written. */
export interface SuiteValues {
  variables: Readonly<Record<string, string>>;
  environment: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
}

/** What one flow may refer to: the suite's values, its own generated ones and what its steps captured. */
export interface Scope {
  lookup: Lookup;
  /** Cookies that the flow was given, as a browser would keep them. */
  cookies: CookieJar;
  /** What steps captured so far, by name. */
  captured: Readonly<Record<string, unknown>>;
  capture(name: string, value: unknown): void;
}

/**
 * A scope for one run of one flow; `now` is the flow's start in epoch milliseconds, `given` what only this run has, by
 * the reference as written.
 */
export function createScope(
  values: SuiteValues,
  random: () => number,
  now: number,
  given: Readonly<Record<string, unknown>> = {},
  cookies: CookieJar = createCookieJar(),
): Scope {
  const known = new Map<string, unknown>(Object.entries(values.variables));
  for (const [name, value] of Object.entries(values.environment)) known.set(`env.${name}`, value);
  for (const [name, value] of Object.entries(values.secrets)) known.set(`secrets.${name}`, value);
  for (const [name, value] of Object.entries(given)) known.set(name, value);
  const captured: Record<string, unknown> = {};
  return {
    captured,
    cookies,
    lookup(reference) {
      if (!known.has(reference)) {
        const [kind = '', label] = reference.split('.');
        const made = generate(kind, random) ?? instant(kind, label, now);
        if (made !== undefined) known.set(reference, made);
      }
      return known.get(reference);
    },
    capture(name, value) {
      known.set(name, value);
      captured[name] = value;
    },
  };
}

function generate(kind: string, random: () => number): unknown {
  switch (kind) {
    case 'uuid':
      return uuid(random);
    case 'email':
      // example.com is reserved (RFC 2606): no mail sent to it reaches anybody.
      return `smoke-${hex(12, random)}@example.com`;
    case 'number':
      return Math.floor(random() * 1_000_000_000);
    default:
      return undefined;
  }
}

/** A time, or undefined where the label is no duration. */
function instant(kind: string, label: string | undefined, now: number): unknown {
  const later = label === undefined ? 0 : parseDuration(label);
  if (later === undefined) return undefined;
  const at = now + later;
  switch (kind) {
    case 'timestamp':
      return isoInstant(at);
    case 'today':
      return isoInstant(at).slice(0, 'YYYY-MM-DD'.length);
    case 'epoch':
      return Math.floor(at / 1_000);
    case 'epoch-ms':
      return at;
    default:
      return undefined;
  }
}

/** A version 4 UUID (RFC 9562). */
function uuid(random: () => number): string {
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${hex(8, random)}-${hex(4, random)}-4${hex(3, random)}-${variant}${hex(3, random)}-${hex(12, random)}`;
}

function hex(digits: number, random: () => number): string {
  return Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');
}
