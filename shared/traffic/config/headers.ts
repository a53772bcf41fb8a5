import type { TrafficConfig, TrafficFile } from './schema.js';

type Written = TrafficFile['entry']['headers'];

/** A header whose variable has no value that can be sent, and where it stands. */
export interface MissingHeader {
  path: PropertyKey[];
  variable: string;
  why: 'is not set' | 'has more than one line';
}

/** Puts the values of the variables in; `secrets` are the values that came from them, which must be masked. Pure. */
export function resolveHeaders(
  file: TrafficFile,
  variable: (name: string) => string | undefined,
): { config: TrafficConfig; missing: MissingHeader[]; secrets: string[] } {
  const missing: MissingHeader[] = [];
  const secrets: string[] = [];
  const at = (path: PropertyKey[], written: Written): Record<string, string> =>
    Object.fromEntries(
      Object.entries(written).map(([name, given]) => {
        if (typeof given === 'string') return [name, given];
        const value = variable(given.env);
        const lines = value !== undefined && /[\r\n\0]/.test(value);
        if (!value || lines)
          missing.push({
            path: [...path, 'headers', name],
            variable: given.env,
            why: lines ? 'has more than one line' : 'is not set',
          });
        else secrets.push(value);
        return [name, value ?? ''];
      }),
    );
  const { colours, health, identity, entries } = file;
  const several = entries.length > 1;
  const ways = entries.map((entry, index) => ({
    ...entry,
    headers: at(several ? ['entries', index] : ['entry'], entry.headers),
  }));
  const config: TrafficConfig = {
    ...file,
    colours: Object.fromEntries(
      Object.entries(colours).map(([colour, given]) => [
        colour,
        { ...given, headers: at(['colours', colour], given.headers) },
      ]),
    ),
    health: { ...health, headers: at(['health'], health.headers) },
    identity: { ...identity, headers: at(['identity'], identity.headers) },
    entry: ways[0]!,
    entries: ways,
  };
  return { config, missing, secrets };
}
