import type { HttpResponse } from '../../http/types.js';
import type { Fact, TrafficConfig } from '../config/schema.js';

/** What an answer says it runs; undefined where it says nothing. */
export interface Identity {
  version: string | undefined;
  digest: string | undefined;
}

/** What a colour must say it runs. Without a digest only the version is compared. */
export interface Expected {
  version: string;
  digest?: string;
}

/** Reads version and digest out of an answer as the traffic file says. */
export async function readIdentity(
  config: TrafficConfig['identity'],
  response: HttpResponse,
): Promise<Identity> {
  return {
    version: (await readFact(config.version, response))?.slice(0, longestFact),
    digest: (await readFact(config.digest, response))?.slice(0, longestFact),
  };
}

/** No version or digest is longer; whatever an answer says beyond it goes into no message, lock or incident. */
const longestFact = 300;

/** JSONPaths of a traffic file that are none, with the place where they stand: no answer could ever be understood by them. */
export async function brokenFacts(
  identity: TrafficConfig['identity'],
): Promise<{ path: string[]; got: string; why: string }[]> {
  const { jsonpath } = await import('json-p3');
  return (['version', 'digest'] as const).flatMap((fact) => {
    const { json } = identity[fact];
    if (json === undefined) return [];
    try {
      jsonpath.compile(json);
      return [];
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return [{ path: ['identity', fact, 'json'], got: JSON.stringify(json), why }];
    }
  });
}

async function readFact(fact: Fact, response: HttpResponse): Promise<string | undefined> {
  if (fact.header !== undefined) {
    // Sent twice with different values it says nothing: one of them is not of the colour.
    const [stated, ...others] = new Set(response.headers[fact.header.toLowerCase()]);
    return others.length === 0 ? stated : undefined;
  }
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(response.body));
  } catch {
    return undefined;
  }
  const { jsonpath } = await import('json-p3');
  const values = jsonpath.query(fact.json ?? '$', body as never).values();
  return values.length === 1 && (typeof values[0] === 'string' || typeof values[0] === 'number')
    ? String(values[0])
    : undefined;
}

/** Why an identity is not the expected one; undefined when it is. */
export function mismatch(identity: Identity, expected: Expected): string | undefined {
  if (identity.version !== expected.version)
    return `it says version ${identity.version ?? 'nothing'} instead of ${expected.version}`;
  if (expected.digest !== undefined && identity.digest !== expected.digest) {
    return `it says digest ${identity.digest ?? 'nothing'} instead of ${expected.digest}`;
  }
  return undefined;
}
