import { expect, it } from '@jest/globals';
import { listLabelled } from '../../../../../actions/dora-report/collect/incidents/labelled.js';
import type { GitHub } from '../../../../../shared/github/client.js';
import { serviceLabel } from '../../../../../shared/ledger/names.js';
import { instant } from '../../ledger-facts.js';

const long = 'payments-of-a-team-that-likes-names-which-no-label-can-hold';
const issue = (number: number, labels: string[], body = '', closedAt: string | null = null) => ({
  number,
  url: `https://github.example/acme/shop/issues/${number}`,
  title: 'Trouble',
  body,
  createdAt: instant('03-03 10:00'),
  closedAt,
  labels: { nodes: labels.map((name) => ({ name })) },
});

it('labelled issues are incidents of the service that the label means, however it was cut', async () => {
  const nodes = [
    issue(1, ['outage', serviceLabel(long)]),
    issue(2, ['outage', 'service:Shop'], 'caused-by: 1234567', instant('03-03 12:00')),
    issue(3, ['outage', 'service:unknown']),
    issue(4, ['outage']),
  ];
  const github = {
    owner: 'acme',
    repository: 'shop',
    graphql: () =>
      Promise.resolve({
        repository: { issues: { pageInfo: { hasNextPage: false, endCursor: null }, nodes } },
      }),
  } as unknown as GitHub;
  const services = new Set([long, 'shop']);
  const request = { label: 'outage', since: instant('03-01 00:00'), environment: 'production', services };
  const { incidents, requests } = await listLabelled(github, request);
  expect(requests).toBe(1);
  expect(incidents.map(({ key, marker, closedAt }) => [key, marker?.service, closedAt])).toEqual([
    ['1', long, undefined],
    ['2', 'shop', instant('03-03 12:00')],
    ['3', undefined, undefined],
    ['4', undefined, undefined],
  ]);
  expect(incidents[1]!.marker).toMatchObject({ causedBy: 1_234_567, causedBySha: '1234567' });
});
