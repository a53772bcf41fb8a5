import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfig } from '../../../../shared/config/parse.js';
import { trafficSchema } from '../../../../shared/traffic/config/schema.js';
import { editRouteFile, readRouteFile } from '../../../../shared/traffic/routers/envoy/routes.js';
import { editServiceFile, readServiceFile } from '../../../../shared/traffic/routers/traefik/file.js';

/** The fenced blocks of a router's page. */
const blocks = (page: string, language: string): string[] =>
  [...readFileSync(join('docs', 'routers', `${page}.md`), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text!);

function traffic(page: string) {
  const file = blocks(page, 'yaml').find((text) => /^version: 1$/m.test(text));
  const parsed = parseConfig(file ?? '', `${page}.md`, trafficSchema);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems, undefined, 2));
  return parsed.value.router;
}

describe('the examples of the documentation', () => {
  it.each(['traefik', 'envoy', 'command'])(
    'hold a traffic file for %s that is taken as it stands',
    (page) => {
      expect(traffic(page)).toMatchObject({ type: page });
    },
  );

  it("hold Traefik's file as the suite reads and writes it", () => {
    const router = traffic('traefik');
    if (router.type !== 'traefik') throw new Error('another router');
    const file = blocks('traefik', 'yaml').find((text) => text.includes('weighted:')) ?? '';
    expect(readServiceFile(router, file)).toEqual({ ok: true, weights: { blue: 100, green: 0 } });
    expect(editServiceFile(router, file, { blue: 0, green: 100 }).ok).toBe(true);
  });

  it("hold Envoy's file as the suite reads and writes it", () => {
    const router = traffic('envoy');
    if (router.type !== 'envoy') throw new Error('another router');
    const [file] = blocks('envoy', 'json');
    expect(readRouteFile(router, file!)).toEqual({ ok: true, weights: { blue: 100, green: 0 } });
    expect(editRouteFile(router, file!, { blue: 0, green: 100 }).ok).toBe(true);
  });
});
