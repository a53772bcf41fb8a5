import { describe, expect, test } from '@jest/globals';
import { routerPlaces } from '../../../cli/init/answers.js';
import { inRepository } from './support.js';

const pairs = Object.entries(routerPlaces).flatMap(([router, places]) =>
  places.map((place) => [router, place] as const),
);

describe('what init writes for every router and place', () => {
  test.each(pairs)(
    '%s on %s: a second run writes nothing, and neither init --check nor check finds anything',
    (router, place) =>
      inRepository(async (team) => {
        // Both shapes, one service and two, without playing each of them with each.
        const more =
          place === 'ecs' ? { service: 'shop,cart' } : { shape: place === 'vm' ? 'inline' : 'caller' };
        expect(await team.init({ router, place, ...more })).toMatchObject({ code: 0, err: '' });
        expect(await team.cli(['init', '--yes'])).toMatchObject({
          code: 0,
          out: expect.stringContaining('Nothing to write'),
        });
        expect(await team.cli(['init', '--check', '--offline'])).toMatchObject({ code: 0 });
        expect(await team.cli(['check'])).toMatchObject({
          code: 0,
          out: expect.stringContaining('Nothing is wrong in'),
        });
      }),
  );
});
