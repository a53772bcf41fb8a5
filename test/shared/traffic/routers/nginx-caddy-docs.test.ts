import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseConfig } from '../../../../shared/config/parse.js';
import { trafficSchema } from '../../../../shared/traffic/config/schema.js';
import { nginxSchema, type NginxIncludeConfig } from '../../../../shared/traffic/routers/nginx/config.js';
import { readInclude } from '../../../../shared/traffic/routers/nginx/shares.js';
import { openRouter } from '../../../../shared/traffic/registry.js';
import { tools } from '../transports/memory.js';

const page = (name: string) => readFileSync(`docs/routers/${name}.md`, 'utf8');
const blocks = (name: string, language: string) =>
  [...page(name).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(([, text]) => text!);

describe.each([
  ['nginx', 3, ['nginx (flag)', 'nginx (include)', 'nginx (symlink)']],
  ['caddy', 2, ['caddy (file)', 'caddy (admin)']],
  ['haproxy', 3, ['haproxy (map)', 'haproxy (servers)', 'haproxy (map)']],
])('the page of %s', (name, count, kinds) => {
  it(`has ${count} whole traffic files, each of its own kind`, async () => {
    const opened = await Promise.all(
      blocks(name, 'yaml').map(async (text) => {
        const parsed = parseConfig(text, `${name}.md`, trafficSchema);
        if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
        return (await openRouter(parsed.value.router, tools())).kind;
      }),
    );
    expect(opened).toEqual(kinds);
  });

  it('says what is measured of a mechanism that loses requests', async () => {
    for (const text of blocks(name, 'yaml')) {
      const parsed = parseConfig(text, name, trafficSchema);
      if (!parsed.ok) throw new Error('see above');
      const { warning = '' } = await openRouter(parsed.value.router, tools());
      for (const [figure] of warning.matchAll(/\d+ of [\d,]+/g)) expect(page(name)).toContain(figure);
    }
  });
});

it('the first include file of the nginx page is one that the router takes for its own', () => {
  const [, , first] = blocks('nginx', 'nginx');
  const section = {
    type: 'nginx',
    mode: 'include',
    nodes: [{ name: 'edge-1', probe: 'http://127.0.0.1/' }],
    include: '/etc/nginx/live/shop.conf',
    variable: 'shop_live',
    upstreams: { blue: 'shop_blue', green: 'shop_green' },
  };
  expect(readInclude(nginxSchema.parse(section) as NginxIncludeConfig, first)).toEqual({
    ok: true,
    weights: { blue: 100, green: 0 },
  });
});
