/** One key of one map; `file` is where its lines stand on the machine of the node. */
export interface HaproxyMapRoute {
  mode: 'map';
  map: string;
  key: string;
  backends: Readonly<Record<string, string>>;
  file: string;
  persist: boolean;
}

/** One backend with the servers of both colours. */
export interface HaproxyServersRoute {
  mode: 'servers';
  backend: string;
  servers: Readonly<Record<string, readonly string[]>>;
}

export type HaproxyRoute = HaproxyMapRoute | HaproxyServersRoute;

/** What is left out under `also` is as in the section itself. */
type OrSame<Fields> = { [Key in keyof Fields]?: Fields[Key] | undefined };

type MapSection = Omit<HaproxyMapRoute, 'file'> & {
  file?: string | undefined;
  also?: readonly OrSame<Omit<HaproxyMapRoute, 'mode' | 'persist'>>[] | undefined;
};
type ServersSection = HaproxyServersRoute & {
  also?: readonly OrSame<Omit<HaproxyServersRoute, 'mode'>>[] | undefined;
};

/** Everything in one HAProxy that a switch changes, in the order of the section. */
export function routesOf(section: MapSection | ServersSection): HaproxyRoute[] {
  const { also = [] } = section;
  if (section.mode === 'servers') {
    const { backend, servers } = section;
    return [{}, ...(also as NonNullable<ServersSection['also']>)].map((more) => ({
      mode: 'servers',
      backend: more.backend ?? backend,
      servers: more.servers ?? servers,
    }));
  }
  const { map, key, backends, file = map, persist } = section;
  return [{}, ...(also as NonNullable<MapSection['also']>)].map((more) => ({
    mode: 'map',
    map: more.map ?? map,
    key: more.key ?? key,
    backends: more.backends ?? backends,
    file: more.file ?? more.map ?? file,
    persist,
  }));
}

/** Reports what is wrong with the routes of one section: each must be a place of its own, for the same colours. */
export function checkRoutes(
  [first, ...also]: readonly HaproxyRoute[],
  report: (path: PropertyKey[], message: string) => void,
): void {
  if (!first) return;
  const placeOf = (route: HaproxyRoute) =>
    route.mode === 'map' ? `key "${route.key}" of ${route.map}` : `backend "${route.backend}"`;
  const coloursOf = (route: HaproxyRoute) =>
    Object.keys(route.mode === 'map' ? route.backends : route.servers).sort();
  const seen = new Set([placeOf(first)]);
  for (const [index, route] of also.entries()) {
    const place = placeOf(route);
    if (seen.has(place)) report(['also', index], `a place of its own: ${place} is named before`);
    seen.add(place);
    if (coloursOf(route).join() !== coloursOf(first).join())
      report(['also', index], `the same colours as above: ${coloursOf(first).join(', ')}`);
  }
}
