import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** All addresses of a host name; the signature of `dns.lookup` with `all: true`. */
export type Resolve = (
  hostname: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6'; hints?: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Thrown into a connection attempt whose name resolves to an address that hands out cloud credentials. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError';
}

/** Where clouds serve instance metadata: AWS, GCP, Azure, Oracle and most others use link-local 169.254.0.0/16. */
const metadataV4: readonly (readonly [network: string, prefix: number])[] = [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
];

const metadataV6 = ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254', 'fe80::a9fe:a9fe'];

const metadataNames = new Set([
  'metadata',
  'metadata.goog',
  'metadata.google.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]);

const blocked = new BlockList();
for (const [network, prefix] of metadataV4) {
  blocked.addSubnet(network, prefix, 'ipv4');
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number);
  const [high, low] = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
  // The same machine reached as IPv4-mapped, IPv4-compatible, NAT64 and 6to4 address.
  for (const lead of ['::ffff:', '::', '64:ff9b::'])
    blocked.addSubnet(`${lead}${high}:${low}`, 96 + prefix, 'ipv6');
  blocked.addSubnet(`2002:${high}:${low}::`, 16 + prefix, 'ipv6');
}
for (const address of metadataV6) blocked.addAddress(address, 'ipv6');

/** Hosts of such services as patterns in which `*` is any text, for programs that resolve names by themselves. */
export const metadataHostPatterns: readonly string[] = [
  ...metadataV4.map(([network, prefix]) => (prefix === 16 ? network.replace(/\.0\.0$/, '.*') : network)),
  ...metadataV4.flatMap(([network, prefix]) => mappedPatterns(network, prefix)),
  ...metadataV6.map((address) => `[${address}]`),
  ...metadataNames,
];

/** The same machine as an IPv4-mapped address. */
function mappedPatterns(network: string, prefix: number): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = network.split('.').map(Number);
  const [high, low] = [((a << 8) | b).toString(16), ((c << 8) | d).toString(16)];
  return [`[::ffff:${high}:${prefix === 16 ? '*' : low}]`];
}

/** Whether an IP address (brackets and zone allowed) serves cloud metadata; host names are not resolved here. */
export function isMetadataAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(bare);
  return family !== 0 && blocked.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** The host asked about last: most requests go to the same one as the request before. */
let asked: { hostname: string; is: boolean } | undefined;

/** Whether a URL's host is a metadata address or a name that only metadata services have. */
export function isMetadataHost(hostname: string): boolean {
  if (asked?.hostname === hostname) return asked.is;
  const is = isMetadataAddress(hostname) || metadataNames.has(hostname.toLowerCase().replace(/\.$/, ''));
  asked = { hostname, is };
  return is;
}

/** A name service that knows addresses of its own before it asks the machine's. */
export function resolveBy(addresses: Readonly<Record<string, string>>): Resolve {
  return (hostname, options, callback) => {
    const address = Object.hasOwn(addresses, hostname.toLowerCase())
      ? addresses[hostname.toLowerCase()]
      : undefined;
    if (address === undefined) return systemLookup(hostname, options as LookupAllOptions, callback);
    callback(null, [{ address, family: isIP(address) }]);
  };
}

/**
 * A `lookup` for sockets that refuses a name as soon as one of its addresses is a metadata address, so rebinding cannot
 * choose another.
 */
export function guardedLookup(resolve: Resolve = systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const forbidden = addresses.find(({ address }) => isMetadataAddress(address));
      if (forbidden) {
        return callback(new ForbiddenAddressError(`${hostname} resolves to ${forbidden.address}`), '', 0);
      }
      const [first] = addresses;
      if (!first) return callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0);
      if (options.all) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
