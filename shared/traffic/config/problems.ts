import type { RouterConfig } from '../routers/schemas.js';
import { colourKeys } from '../routers/schemas.js';
import type { Fact, TrafficShape } from './shape.js';

/** Something in a traffic file that cannot be true together with something else in it, and what may stand there. */
export interface FieldProblem {
  path: PropertyKey[];
  message: string;
}

/** Everything in a traffic file that contradicts itself; each part alone may be well formed. Pure. */
export function problemsIn(traffic: TrafficShape): FieldProblem[] {
  return [
    ...addressesThatCoincide(traffic),
    ...coloursThatDiffer(traffic),
    ...nodesThatCoincide(traffic.router),
    ...(traffic.identity.digest && sameFact(traffic.identity.version, traffic.identity.digest)
      ? [
          {
            path: ['identity', 'digest'],
            message: 'another place than identity.version has: one value cannot be version and digest',
          },
        ]
      : []),
  ];
}

/** Where an address leads, by whatever name the machine itself is called. */
function originOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? 'localhost' : hostname;
  return `${protocol}//${host}:${port}`;
}

/** One address in the file, where it stands, and what is sent along: two virtual hosts at one address are two. */
interface Place {
  path: PropertyKey[];
  url: string;
  headers: object;
}

const placesOf = (
  { url, urls, headers }: { url?: string | undefined; urls?: string[] | undefined; headers: object },
  path: PropertyKey[],
): Place[] => [
  ...(url === undefined ? [] : [{ path: [...path, 'url'], url, headers }]),
  ...(urls ?? []).map((one, index) => ({ path: [...path, 'urls', index], url: one, headers })),
];

const placeOf = ({ url, headers }: Place) =>
  JSON.stringify([
    originOf(url),
    ...Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);

function addressesThatCoincide({ colours, entry, entries }: TrafficShape): FieldProblem[] {
  const found: FieldProblem[] = [];
  const machines = Object.entries(colours).flatMap(([colour, given]) =>
    placesOf(given, ['colours', colour]).map((place) => ({ ...place, colour })),
  );
  for (const machine of machines) {
    const { path, url, colour } = machine;
    const { pathname, search } = new URL(url);
    if (pathname !== '/' || search !== '') {
      const message = 'an address without a path: health.path and identity.path are asked of it';
      found.push({ path, message });
    }
    const twin = machines.find((other) => other !== machine && placeOf(other) === placeOf(machine));
    if (twin && twin.colour !== colour)
      found.push({ path, message: `an address that no other colour has; ${twin.colour} has it too` });
    else if (twin) found.push({ path, message: 'an address that stands once: each machine is asked' });
  }
  const ways = [
    ...(entry ? [{ path: ['entry', 'url'], url: entry.url, headers: entry.headers }] : []),
    ...(entries ?? []).map(({ url, headers }, index) => ({ path: ['entries', index, 'url'], url, headers })),
  ];
  for (const way of ways) {
    const own = machines.find((machine) => placeOf(machine) === placeOf(way));
    if (!own) continue;
    const message = `the public address through the router, not ${own.colour} itself: it would prove nothing about where traffic goes`;
    found.push({ path: way.path, message });
  }
  return found;
}

function coloursThatDiffer({ colours, router }: TrafficShape): FieldProblem[] {
  const { key, names } = colourKeys(router);
  const known = Object.keys(colours);
  return [
    ...names
      .filter((name) => !known.includes(name))
      .map((name) => ({
        path: ['router', key, name],
        message: `only the colours under "colours": ${known.join(', ')}`,
      })),
    ...known
      .filter((name) => !names.includes(name))
      .map((name) => ({ path: ['colours', name], message: `only colours that router.${key} names too` })),
  ];
}

/** Fields by which a node's router itself is asked; two nodes with the same one are the same router. */
const endpoints = ['socket', 'address', 'admin', 'api', 'probe', 'listener', 'rule'] as const;

/**
 * Two nodes of one place are one node: its calls would be made twice, and a second router that is meant would never be
 * told.
 */
function nodesThatCoincide(router: RouterConfig): FieldProblem[] {
  const seen = new Map<string, string>();
  return router.nodes.flatMap((node, index) => {
    const { name, ...rest } = node as { name: string } & Record<string, unknown>;
    const ssh = rest['ssh'] as { host: string; user?: string; port: number } | undefined;
    const machine = ssh ? `${ssh.host}:${ssh.port}` : '';
    const asked = endpoints.filter((field) => rest[field] !== undefined);
    const places =
      asked.length > 0
        ? asked.map((field) => ({ field, place: JSON.stringify([machine, field, rest[field]]) }))
        : [{ field: undefined, place: JSON.stringify([machine, { ...rest, ssh: undefined }]) }];
    const twin = places.find(({ place }) => seen.has(place));
    for (const { place } of places) if (!seen.has(place)) seen.set(place, name);
    if (!twin) return [];
    const first = seen.get(twin.place)!;
    return [
      {
        path: ['router', 'nodes', index, ...(twin.field === undefined ? [] : [twin.field])],
        message: `a router of its own: this is the place of node "${first}"`,
      },
    ];
  });
}

/** Whether two facts are read from one place; the names of headers have no case. */
function sameFact(a: Fact, b: Fact): boolean {
  return a.json === b.json && a.header?.toLowerCase() === b.header?.toLowerCase();
}
