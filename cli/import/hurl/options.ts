import { isIP } from 'node:net';
import { formatExact } from '../duration-text.js';
import type { Refuse } from '../draft.js';
import type { Comparable } from '../json-condition.js';
import { cutComment, unescapeText, type Line } from './parse.js';

/** What the options of an entry become. */
export interface EntryOptions {
  http: Record<string, unknown>;
  retry?: Record<string, unknown>;
  delay?: string;
  /** How often the entry is run, when more than once. */
  repeat?: number;
  /** Addresses of hosts, for some of their ports. */
  resolve: Resolved[];
  /** User and password. */
  user?: [string, string];
}

/** An address that a host with a port has for an entry. */
export interface Resolved {
  line: number;
  host: string;
  port: number;
  address: string;
}

/** Options that change nothing of what is checked. */
const harmless = new Set(['verbose', 'very-verbose', 'verbosity', 'compressed', 'output', 'ipv4', 'ipv6']);

/** What to do instead of options that have no counterpart. */
const reasons: Readonly<Record<string, string>> = {
  insecure: 'certificates are always verified: have the authority trusted, e.g. by NODE_EXTRA_CA_CERTS',
  'location-trusted': 'credentials never follow a redirect to another origin: ask that origin in a step',
  skip: 'remove the entry',
  proxy: 'give it as --proxy',
};

/** A variable that an option sets: its text, and its value where that is a number, a boolean or null. */
export interface SetVariable {
  name: string;
  text: string;
  literal?: Comparable;
}

/** What `variable: name=value` sets; nothing where it is not plain what Hurl makes of the value. */
export function variablesIn(lines: readonly Line[]): SetVariable[] {
  return lines.flatMap(({ text }) => {
    const [, name, value] = /^variable[ \t]*:[ \t]*([\w-]+)[ \t]*=[ \t]*(.+)$/.exec(text) ?? [];
    const read = value === undefined ? undefined : valueOf(value);
    return name === undefined || read === undefined ? [] : [{ name, ...read }];
  });
}

/** Hurl tells the type of a value by its looks: quotes make it a text. */
function valueOf(written: string): Omit<SetVariable, 'name'> | undefined {
  if (written.startsWith('"')) {
    const [, quoted] = /^"((?:[^"\\]|\\[^])*)"[ \t]*(?:#.*)?$/.exec(written) ?? [];
    const text = unescapeText(quoted ?? '');
    return quoted === undefined || text === undefined ? undefined : { text };
  }
  const text = cutComment(written);
  if (text === 'true' || text === 'false') return { text, literal: text === 'true' };
  if (text === 'null') return { text, literal: null };
  if (/^-?(?:0|[1-9]\d*)(?:\.(?:0|\d*[1-9]))?$/.test(text) && !/^-0(?:\.0)?$/.test(text))
    return { text, literal: Number(text) };
  return text === '' || /^[-+]?\.?\d/.test(text) ? undefined : { text };
}

/**
 * Reads the lines of [Options]; one without a counterpart is refused. `setVariable` takes what `variable: name=value`
 * sets.
 */
export function readOptions(
  lines: readonly Line[],
  refuseAt: (line: number) => Refuse,
  setVariable: (variable: SetVariable, refuse: Refuse) => void,
): EntryOptions {
  const given = new Map<string, { value: string; line: number }>();
  for (const { line, text } of lines) {
    const [, name = '', rest = ''] = /^([\w.-]+)[ \t]*:(.*)$/.exec(text) ?? [];
    const value = cutComment(rest);
    if (name === 'variable') {
      const [variable] = variablesIn([{ line, text }]);
      if (!variable || variable.text.includes('{{'))
        refuseAt(line)(`the option variable: ${value}`, 'write it as name="text", or as a plain number');
      else setVariable(variable, refuseAt(line));
    } else if (name === '' || given.has(name)) refuseAt(line)(`an option that is not understood: ${text}`);
    else given.set(name, { value, line });
  }
  const take = (name: string) => {
    const option = given.get(name);
    given.delete(name);
    return option;
  };
  const milliseconds = (name: string): number | undefined => {
    const option = take(name);
    const [, amount, unit = 'ms'] = /^(\d+)(ms|s|m)?$/.exec(option?.value ?? '') ?? [];
    if (option && amount === undefined) refuseAt(option.line)(`${name}: ${option.value}`);
    return amount === undefined
      ? undefined
      : Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
  };
  const followed = take('location');
  const location = followed?.value === 'true';
  if (followed && !['true', 'false'].includes(followed.value))
    refuseAt(followed.line)(`location: ${followed.value}`, 'write true or false');
  const most = take('max-redirs');
  const redirects = Math.min(Number(most?.value ?? 50), 20);
  if (most && !(/^\d+$/.test(most.value) && Number(most.value) <= 20))
    refuseAt(most.line)(`${most.value} redirects`, 'allow 20 at most');
  if (most && location && redirects === 0)
    refuseAt(most.line)(
      'no redirect allowed, where a suite takes the redirect for the answer',
      'leave location out',
    );
  const timeout = milliseconds('max-time');
  const delay = milliseconds('retry-interval') ?? 1_000;
  const wait = milliseconds('delay');
  const login = take('user');
  const [, user, password] = /^([^:]+):(.*)$/.exec(login?.value ?? '') ?? [];
  if (login && user === undefined) refuseAt(login.line)(`user: ${login.value}`, 'write user: name:password');
  const times = take('retry');
  const retries = Number(times?.value ?? 0);
  if (times && !(/^\d+$/.test(times.value) && retries <= 50))
    refuseAt(times.line)(`retry: ${times.value}`, 'retry 50 times at most, or use "until" in the suite');
  const repeated = take('repeat');
  const repeat = Number(repeated?.value ?? 1);
  if (repeated && !(/^\d+$/.test(repeated.value) && repeat >= 1 && repeat <= 50))
    refuseAt(repeated.line)(`repeat: ${repeated.value}`, 'repeat 1 to 50 times, or use "rows" in the suite');
  const resolve = (['resolve', 'connect-to'] as const).flatMap((name) => {
    const option = take(name);
    const read = option && addressOf(name, option.value, option.line);
    if (option && !read)
      refuseAt(option.line)(
        `${name}: ${option.value}`,
        'a suite gives a host name another IP address, and keeps the port: write resolve: host:port:address',
      );
    return read ? [read] : [];
  });
  for (const [name, { value, line }] of given) {
    const off =
      value === 'false' &&
      [
        'insecure',
        'skip',
        'location-trusted',
        'http3',
        'http2',
        'http1.1',
        'http1.0',
        'path-as-is',
        'negotiate',
        'ntlm',
      ].includes(name);
    if (!harmless.has(name) && !off) refuseAt(line)(`the option ${name}: ${value}`, reasons[name]);
  }
  return {
    http: {
      ...(location ? { redirects } : {}),
      ...(timeout === undefined ? {} : { timeout: formatExact(timeout) }),
    },
    ...(wait === undefined || wait === 0 ? {} : { delay: formatExact(wait) }),
    ...(user === undefined || password === undefined ? {} : { user: [user, password] }),
    ...(repeat > 1 && repeat <= 50 ? { repeat } : {}),
    resolve,
    ...(retries > 0 ? { retry: { times: retries, delay: formatExact(delay) } } : {}),
  };
}

/** `resolve: host:port:address`, or `connect-to: host:port:address:port` where the port stays. */
function addressOf(option: 'resolve' | 'connect-to', value: string, line: number): Resolved | undefined {
  const [, host = '', port = '', rest = ''] =
    /^([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):(\d{1,5}):(.+)$/i.exec(value) ?? [];
  const kept = `:${port}`;
  if (option === 'connect-to' && !rest.endsWith(kept)) return undefined;
  const address = (option === 'resolve' ? rest : rest.slice(0, -kept.length)).replace(/^\[|\]$/g, '');
  return isIP(address) === 0 ? undefined : { line, host: host.toLowerCase(), port: Number(port), address };
}
