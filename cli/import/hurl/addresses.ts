import type { Refuse } from '../draft.js';
import type { Resolved } from './options.js';

/** An entry as far as it matters who answers it. */
interface Asking {
  line: number;
  url: string;
  resolve: readonly Resolved[];
}

/**
 * Addresses of hosts for the whole suite, of those that entries have for themselves; refused where another entry would
 * ask the host elsewhere.
 */
export function sharedAddresses(
  entries: readonly Asking[],
  refuseAt: (line: number) => Refuse,
): Record<string, string> {
  const addresses: Record<string, string> = {};
  for (const { resolve } of entries)
    for (const { line, host, port, address } of resolve) {
      const other = entries.find((entry) => !asksAlike(entry, { host, port, address }));
      if (other)
        refuseAt(line)(
          `an address of ${host}:${port} that the entry of line ${other.line} may not have`,
          'a suite has it for all its steps: give it to every entry of that host',
        );
      else addresses[host] = address;
    }
  return addresses;
}

/** Whether an entry asks the same machine when the host has this address on all its ports. */
function asksAlike({ url, resolve }: Asking, wanted: Omit<Resolved, 'line'>): boolean {
  const has = resolve.some(
    ({ host, port, address }) => host === wanted.host && port === wanted.port && address === wanted.address,
  );
  const own = URL.canParse(url) ? new URL(url) : undefined;
  if (!own || /[{}]/.test(own.host) || /%7[bd]/i.test(own.host)) return has;
  if (own.hostname !== wanted.host) return true;
  return has && wanted.port === Number(own.port || (own.protocol === 'https:' ? 443 : 80));
}
