import { expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { trafficSchema } from '../../shared/traffic/config/schema.js';

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
