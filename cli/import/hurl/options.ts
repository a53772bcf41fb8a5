import { formatExact } from '../duration-text.js';
import type { Refuse } from '../draft.js';
import { cutComment, type Line } from './parse.js';

/** What the options of an entry become. */
export interface EntryOptions {
  http: Record<string, unknown>;
  retry?: Record<string, unknown>;
}

/** Options that change nothing of what is checked. */
const harmless = new Set(['verbose', 'very-verbose', 'verbosity', 'compressed', 'output', 'ipv4', 'ipv6']);

/** What to do instead of options that have no counterpart. */
const reasons: Readonly<Record<string, string>> = {
  insecure: 'certificates are always verified: have the authority trusted, e.g. by NODE_EXTRA_CA_CERTS',
  'location-trusted': 'credentials never follow a redirect to another origin: ask that origin in a step',
  delay: 'wait for what the delay waits for, with "until" in the suite',
  repeat: 'use "rows" in the suite',
  skip: 'remove the entry',
  proxy: 'give it as --proxy',
  user: 'use [BasicAuth]',
};

/** What `variable: name=value` sets. */
export function variablesIn(lines: readonly Line[]): { name: string; value: string }[] {
  return lines.flatMap(({ text }) => {
    const [, option] = /^variable[ \t]*:(.*)$/.exec(text) ?? [];
    const [, name, value] = /^([\w-]+)=(.+)$/.exec(cutComment(option ?? '')) ?? [];
    return name === undefined || value === undefined
      ? []
      : [{ name, value: value.replace(/^"(.*)"$/, '$1') }];
  });
}

/** Reads the lines of [Options]; one without a counterpart is refused. `setVariable` takes `variable: name=value`. */
export function readOptions(
  lines: readonly Line[],
  refuseAt: (line: number) => Refuse,
  setVariable: (name: string, value: string) => void,
): EntryOptions {
  const given = new Map<string, { value: string; line: number }>();
  for (const { line, text } of lines) {
    const [, name = '', rest = ''] = /^([\w.-]+)[ \t]*:(.*)$/.exec(text) ?? [];
    const value = cutComment(rest);
    if (name === 'variable') {
      const [variable] = variablesIn([{ line, text }]);
      if (!variable || variable.value.includes('{{')) refuseAt(line)(`the option variable: ${value}`);
      else setVariable(variable.name, variable.value);
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
  const times = take('retry');
  const retries = Number(times?.value ?? 0);
  if (times && !(/^\d+$/.test(times.value) && retries <= 50))
    refuseAt(times.line)(`retry: ${times.value}`, 'retry 50 times at most, or use "until" in the suite');
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
    ...(retries > 0 ? { retry: { times: retries, delay: formatExact(delay) } } : {}),
  };
}
