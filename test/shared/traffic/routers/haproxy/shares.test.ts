import { expect, it } from '@jest/globals';
import { cannotWeigh } from '../../../../../actions/blue-green-switch/refusals.js';
import { haproxyRouter } from '../../../../../shared/traffic/routers/haproxy/router.js';
import { haproxySchema } from '../../../../../shared/traffic/routers/haproxy/config.js';

const steps = [{ percent: 10, stay: 1_000 }];

function refusalOf(servers: Record<string, string[]>): string | undefined {
  const section = haproxySchema.parse({
    type: 'haproxy',
    mode: 'servers',
    nodes: [{ name: 'edge-1', socket: '/run/haproxy/admin.sock' }],
    backend: 'shop',
    servers,
  });
  const router = haproxyRouter(section, { workspace: '.' } as never);
  return cannotWeigh({ router, config: { router: section } as never }, steps);
}

it('servers share traffic as a strategy says where each colour has as many', () => {
  expect(refusalOf({ blue: ['blue1', 'blue2'], green: ['green1', 'green2'] })).toBeUndefined();
});

it('steps are refused where one colour has more servers: "10 %" would be 5 % of the requests, or 18 %', () => {
  expect(refusalOf({ blue: ['blue1', 'blue2'], green: ['green1'] })).toBe(
    '"strategy" has steps, and haproxy (servers) would share wrongly, since one colour has more servers than the other: leave "strategy" at instant, or, in the traffic file, give both colours as many router.servers [router-cannot-weigh]',
  );
});
