import type { HttpResponse } from '../../http/types.js';
import { loadJsonPath } from '../../probes/evaluators/json-path.js';
import type { Fact } from '../config/shape.js';
import type { TrafficConfig } from '../config/schema.js';

/** What an answer says it runs; undefined where it says nothing. */
export interface Identity {
  version: string | undefined;
  digest: string | undefined;
  /** The traffic file does not say where a digest stands: versions alone are compared. */
  withoutDigest?: true;
}

/** Where a version or digest was looked for and what came there, when nothing was found; for people. */
export type Missing = Partial<Record<'version' | 'digest', string>>;

/** What a colour must say it runs. Without a digest only the version is compared. */
export interface Expected {
  version: string;
  digest?: string;
}

/** What an answer says it runs, or why that cannot be known, such as a JSONPath that hit its limit. */
export type Reading = { ok: true; identity: Identity; missing?: Missing } | { ok: false; why: string };

/** Where the facts stand in an answer. */
export type Facts = Omit<TrafficConfig['identity'], 'headers'>;

/** Reads version and digest out of an answer as the traffic file says. */
export async function readIdentity(config: Facts, response: HttpResponse): Promise<Reading> {
  const version = await readFact(config.version, response);
  if (!version.ok) return { ok: false, why: `identity.version: ${version.why}` };
  const missing: Missing = {};
  const miss = (name: 'version' | 'digest', fact: Fact, value: string | undefined) => {
    if (value === undefined) missing[name] = describeMissing(name, fact, response);
  };
  miss('version', config.version, version.value);
  if (config.digest === undefined) {
    const identity = { version: version.value, digest: undefined, withoutDigest: true as const };
    return { ok: true, identity, missing };
  }
  const digest = await readFact(config.digest, response);
  if (!digest.ok) return { ok: false, why: `identity.digest: ${digest.why}` };
  miss('digest', config.digest, digest.value);
  return {
    ok: true,
    identity: { version: version.value, digest: digest.value },
    ...(Object.keys(missing).length > 0 ? { missing } : {}),
  };
}

/** No version or digest is longer; whatever an answer says beyond it goes into no message, lock or incident. */
const longestFact = 300;

/**
 * JSONPaths of a traffic file that are none, with the place where they stand: no answer could ever be understood by
 * them.
 */
export async function brokenFacts(identity: Facts): Promise<{ path: string[]; got: string; why: string }[]> {
  const compile = await loadJsonPath();
  return (['version', 'digest'] as const).flatMap((fact) => {
    const json = identity[fact]?.json;
    if (json === undefined) return [];
    const compiled = compile(json);
    if (compiled.ok) return [];
    return [{ path: ['identity', fact, 'json'], got: JSON.stringify(json), why: compiled.reason }];
  });
}

type ReadFact = { ok: true; value: string | undefined } | { ok: false; why: string };

async function readFact(fact: Fact, response: HttpResponse): Promise<ReadFact> {
  if (fact.header !== undefined) {
    // Sent twice with different values it says nothing: one of them is not of the colour.
    const [stated, ...others] = new Set(response.headers[fact.header.toLowerCase()]);
    return { ok: true, value: others.length === 0 ? stated?.slice(0, longestFact) : undefined };
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(response.body));
  } catch {
    return { ok: true, value: undefined };
  }
  const json = fact.json ?? '$';
  const compiled = (await loadJsonPath())(json);
  if (!compiled.ok) return { ok: false, why: `${json} is no JSONPath: ${compiled.reason}` };
  const found = compiled.path.values(body);
  if (!found.ok) return { ok: false, why: `${json} could not be looked up in the answer: ${found.reason}` };
  const [value, ...others] = found.value;
  const says = others.length === 0 && (typeof value === 'string' || typeof value === 'number');
  return { ok: true, value: says ? String(value).slice(0, longestFact) : undefined };
}

/** An answer for people is cut here. */
const longestShown = 160;

function describeMissing(name: 'version' | 'digest', fact: Fact, response: HttpResponse): string {
  return `it does not say its ${name}: ${whatCame(fact, response)}. Fix: identity.${name} in the traffic file: name the field that holds it, or add it to the answer`;
}

function whatCame({ header, json = '$' }: Fact, { status, headers, body }: HttpResponse): string {
  if (header !== undefined) {
    const values = headers[header.toLowerCase()];
    return values === undefined
      ? `the answer (${status}) has no header ${header}`
      : `the answer (${status}) has header ${header} with several values (${onOneLine(values.join(', '))})`;
  }
  const text = onOneLine(new TextDecoder().decode(body.subarray(0, longestShown)));
  return `the answer is ${status} ${text || 'without a body'}, and ${json} finds not one text or number in it`;
}

const onOneLine = (text: string) =>
  text
    .slice(0, longestShown)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();

/** Why an identity is not the expected one; undefined when it is. */
export function mismatch(identity: Identity, expected: Expected, missing: Missing = {}): string | undefined {
  const [noVersion, noDigest] = [missing.version, missing.digest];
  if (identity.version === undefined && noVersion) return `${noVersion} (expected ${expected.version})`;
  if (identity.version === expected.version && expected.digest && identity.digest === undefined && noDigest)
    return `${noDigest} (expected ${expected.digest})`;
  if (identity.version !== expected.version)
    return `it says version ${identity.version ?? 'nothing'} instead of ${expected.version}`;
  if (expected.digest !== undefined && !identity.withoutDigest && identity.digest !== expected.digest) {
    return `it says digest ${identity.digest ?? 'nothing'} instead of ${expected.digest}`;
  }
  return undefined;
}
