import { promises, type AnyRecord } from 'node:dns';
import { isIP } from 'node:net';
import { HttpFailure } from '../../http/faults.js';
import { factsAs, type Observed, type Probe } from '../probe.js';
import { parseAddress } from './socket.js';
import { observeWithin } from '../within.js';

export type RecordType = 'A' | 'AAAA' | 'CAA' | 'CNAME' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';

/** One question, every value resolved. */
export interface DnsProbeStep {
  name: string;
  type: RecordType;
  /** Address of the resolver, with or without port; default the machine's resolvers. */
  server?: string | undefined;
}

export interface DnsObservation extends Observed {
  probe: 'dns';
  /** Type and name. */
  question: string;
  /** Each as zone files write it, e.g. `10 mail.example.com`; texts are quoted. */
  records: readonly string[];
  /** Why there is none. */
  reason: string;
}

/** Codes of c-ares that say that a name has no such record; anything else is no answer. */
const absent: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the name does not exist',
  ENODATA: 'the name has no record of this type',
};

/**
 * Observes what a resolver answers, past the machine's hosts file. A name without records is an observation, no answer
 * a fault.
 */
export function dnsProbe(): Probe<DnsProbeStep, DnsObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<DnsObservation>(`dns ${step.type} ${step.name}`, limits, async (signal) => {
        const resolver = new promises.Resolver({ timeout: limits.timeoutMs, tries: 1 });
        signal.addEventListener('abort', () => resolver.cancel(), { once: true });
        if (step.server !== undefined) resolver.setServers([serverOf(step.server)]);
        const question = `${step.type} ${step.name}`;
        try {
          return seen(question, await resolve(resolver, step), '');
        } catch (error) {
          const { code = '', message } = error as NodeJS.ErrnoException;
          if (absent[code] !== undefined) return seen(question, [], absent[code]);
          throw code.startsWith('E') ? new HttpFailure('dns', message) : error;
        }
      }),
  };
}

function serverOf(text: string): string {
  const bare = isIP(text) ? text : undefined;
  const { host, port } = bare === undefined ? parseAddress(text, 53) : { host: bare, port: 53 };
  if (!isIP(host)) throw new HttpFailure('dns', 'the resolver is not named by its IP address');
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

async function resolve(resolver: promises.Resolver, { name, type }: DnsProbeStep): Promise<string[]> {
  const found: unknown = await resolver.resolve(name, type);
  const list = Array.isArray(found) ? found : [found];
  return list.map((record) => written(type, record as never));
}

/** A record as zone files write its data. */
function written(type: RecordType, record: string | string[] | Exclude<AnyRecord, { type: 'A' }>): string {
  if (typeof record === 'string') return record;
  // The texts of one TXT record are one text in parts of 255 bytes.
  if (Array.isArray(record)) return JSON.stringify(record.join(''));
  const data = record as unknown as Record<string, string | number>;
  switch (type) {
    case 'MX':
      return `${data['priority']} ${data['exchange']}`;
    case 'SRV':
      return `${data['priority']} ${data['weight']} ${data['port']} ${data['name']}`;
    case 'SOA':
      return ['nsname', 'hostmaster', 'serial', 'refresh', 'retry', 'expire', 'minttl']
        .map((key) => data[key])
        .join(' ');
    case 'CAA': {
      const tag = ['issue', 'issuewild', 'iodef', 'contactemail', 'contactphone'].find(
        (key) => data[key] !== undefined,
      );
      return `${data['critical']} ${tag} ${JSON.stringify(tag === undefined ? '' : data[tag])}`;
    }
    default:
      return JSON.stringify(record);
  }
}

function seen(question: string, records: string[], reason: string): Omit<DnsObservation, 'durationMs'> {
  return { probe: 'dns', question, records, reason, ...factsAs(records, records.join('\n')) };
}
