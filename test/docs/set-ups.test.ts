import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createHttpClient } from '../../shared/http/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { checkColour } from '../../shared/traffic/colour/check.js';
import { askEntryNow } from '../../shared/traffic/colour/entry-now.js';
import { resolveHeaders } from '../../shared/traffic/config/headers.js';
import { trafficSchema } from '../../shared/traffic/config/schema.js';
import { serve } from '../support/servers/http.js';

const page = readFileSync(join('docs', 'set-ups.md'), 'utf8');
const linked = [
  ...new Set([...page.matchAll(/\]\(((?:routers|recipes)\/[a-z0-9-]+\.md)\)/g)].map(([, path]) => path!)),
];

/** What a set-up's page shows to be copied: every traffic file of it. */
const trafficFiles = (path: string) =>
  [...readFileSync(join('docs', path), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm)]
    .map(([, text]) => text!)
    .filter((text) => /^version: 1$/m.test(text))
    .map((text) => parse(text) as unknown);

test('the page of set-ups leads to every router and every recipe', () => {
  const all = ['routers', 'recipes'].flatMap((room) =>
    readdirSync(join('docs', room)).map((name) => `${room}/${name}`),
  );
  expect(linked.toSorted()).toEqual(all.toSorted());
});

// The recipe of Argo Rollouts has no traffic file: its own controller moves the traffic.
test.each(linked.filter((path) => path !== 'recipes/argo-rollouts.md'))(
  'each set-up that leads to %s has a traffic file there that is taken as it stands',
  (path) => {
    const files = trafficFiles(path);
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect(trafficSchema.safeParse(file).error?.issues).toBeUndefined();
  },
);

describe('what the page says of every router', () => {
  const [plain, several] = trafficFiles('traffic.md') as [object, object];
  const fragments = [
    ...readFileSync(join('docs', 'traffic.md'), 'utf8').matchAll(/^```yaml\n(health: .*\n)```$/gm),
  ].map(([, text]) => parse(text!) as object);

  test('health without HTTP stands in place of that of the whole file', () => {
    const types = fragments.map((health) => trafficSchema.parse({ ...plain, ...health }).health.type);
    expect(types).toEqual(['tcp', 'grpc']);
  });

  /** Machines and ways in of the page's file, which answer only what is asked as the file says. */
  async function served(version: string) {
    const addresses = [...new Set(JSON.stringify(several).match(/http:\/\/10\.0\.0\.\d+:8080/g))];
    const machines = await Promise.all(
      addresses.map(() =>
        serve((request, response) => {
          const { host, authorization } = request.headers;
          const asked = request.url === '/about' || authorization === 'Bearer geheim';
          response.setHeader('x-app-version', version);
          response.writeHead(host === 'shop.internal' && asked ? 200 : 421).end();
        }),
      ),
    );
    const front = await serve((request, response) => {
      const known = [`127.0.0.1:${front.port}`, 'shop.example.com'].includes(request.headers.host ?? '');
      response.setHeader('x-app-version', version);
      response.writeHead(request.url === '/about' && known ? 200 : 421).end();
    });
    const text = JSON.stringify(several).replaceAll(/https:\/\/[a-z.]+\/about/g, `${front.url}/about`);
    const local = JSON.parse(
      addresses.reduce((sofar, address, index) => sofar.replaceAll(address, machines[index]!.url), text),
    ) as object;
    return { local, close: () => Promise.all([...machines, front].map((server) => server.close())) };
  }

  test.each([
    ['HEALTH_TOKEN', 'Bearer geheim', true],
    ['HEALTH_TOKEN', 'Bearer falsch', false],
  ])(
    'several machines, virtual hosts, a token and several entries, with %s=%s',
    async (name, value, well) => {
      const { local, close } = await served('2.0.0');
      const http = createHttpClient();
      try {
        const { config, missing } = resolveHeaders(trafficSchema.parse(local), (asked) =>
          asked === name ? value : undefined,
        );
        expect(missing).toEqual([]);
        const expected = { version: '2.0.0', digest: `sha256:${'2'.repeat(64)}` };
        expect((await checkColour(http, config, 'green', expected, systemClock)).ok).toBe(well);
        const entry = await askEntryNow({ config, http, clock: systemClock }, { blue: 100, green: 0 });
        expect(entry).toMatchObject({ is: 'good', message: expect.stringContaining('2.0.0 on blue') });
      } finally {
        http.close();
        await close();
      }
    },
  );
});
