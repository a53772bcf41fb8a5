import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inRepository, type Team } from './support.js';

interface Criteria {
  environments: Record<string, { sources: { app: { type: string; requests: { match: object } } } }>;
}
const sourceOf = async (team: Team) => {
  const { environments } = parse(await team.read('.github/rollback.yml')) as Criteria;
  return environments['production']!.sources.app;
};

describe('what several processes answer in turn', () => {
  test.each([
    ['kubernetes', 'kubernetes-service', { app: 'shop', namespace: 'shop-production' }],
    ['ecs', 'aws-alb', { app: 'shop', cluster: 'shop-production' }],
  ])('on %s the watch asks Prometheus, by labels of this service and environment', (place, router, match) =>
    inRepository(async (team) => {
      await team.init({ place, router });
      expect(await sourceOf(team)).toMatchObject({
        type: 'prometheus',
        requests: { match: { ...match, version: '{{ version }}' } },
      });
      expect(await team.read('.github/smoke.yml')).toContain('until: { within: 30s');
      expect(await team.cli(['check'])).toMatchObject({ code: 0 });
    }),
  );

  test('on a machine there is one: its page is read, and nothing is waited for', () =>
    inRepository(async (team) => {
      await team.init({ place: 'vm', router: 'nginx' });
      expect(await sourceOf(team)).toMatchObject({ type: 'prometheus-text' });
      expect(await team.read('.github/smoke.yml')).not.toContain('until:');
    }));
});

test.each([
  [undefined, 'kubeconfig'],
  ['shop-runners', 'in-cluster'],
])('with the runner %s, the router gets at the cluster by %s', (runner, access) =>
  inRepository(async (team) => {
    await team.init({ place: 'kubernetes', router: 'gateway-api', runner });
    expect(await team.read('.github/traffic/production.yml')).toContain(`cluster: { access: ${access} }`);
  }),
);
