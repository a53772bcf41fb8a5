import { describe, expect, it } from '@jest/globals';
import { commit, deployment, incident, reportOf, type World } from '../ledger-facts.js';
import type { DoraReport } from '../../../../shared/contracts/reports/dora-report.js';

const before = deployment(1, '02-20 10:00', 'a');
const line = ['a', 'b', 'c', 'd', 'e'].map((name, i, all) =>
  commit(name, i === 0 ? '02-20 09:00' : `03-0${i + 1} 08:00`, i > 0 ? [all[i - 1]!] : []),
);

/**
 * Ways in which tools for these metrics have reported a number that was not so (research of their sources and issues).
 */
const cases: [claim: string, world: World, figure: (report: DoraReport) => unknown, truth: unknown][] = [
  [
    'a run that failed is counted as a deployment',
    { deployments: [deployment(2, '03-03 10:00', 'b', { first: 'failure' })] },
    (r) => r.total.frequency.n,
    0,
  ],
  [
    'exactly one deployment a day is not yet elite',
    {
      deployments: Array.from({ length: 28 }, (_, i) =>
        deployment(i + 1, `03-${String(i + 2).padStart(2, '0')} 10:00`, 'a'),
      ),
    },
    (r) => [r.total.frequency.perDay, r.total.frequency.tier],
    [1, 'elite'],
  ],
  [
    'the lead time runs to the newest deployment instead of the first that has the commit',
    {
      deployments: [before, deployment(2, '03-03 08:00', 'b'), deployment(3, '03-25 08:00', 'b')],
      commits: line,
    },
    (r) => r.total.leadTime.p50,
    24,
  ],
  [
    'only the head commit of a deployment has a lead time',
    { deployments: [before, deployment(2, '03-06 08:00', 'e')], commits: line },
    (r) => r.total.leadTime.n,
    4,
  ],
  [
    'the change fail rate passes 1, with more incidents than deployments',
    {
      deployments: [deployment(2, '03-03 10:00', 'b')],
      incidents: [11, 12, 13].map((number) => incident(number, '03-03 11:00', { causedBy: 2 })),
    },
    (r) => r.total.changeFailRate.value,
    1,
  ],
  [
    'any closed issue is a failure',
    {
      deployments: [deployment(2, '03-03 10:00', 'b')],
      incidents: [incident(11, '03-03 11:00', { closedAt: '03-03 12:00', marker: undefined })],
    },
    (r) => [r.total.changeFailRate.value, r.total.timeToRestore.n],
    [null, 0],
  ],
  [
    'weeks of which no failure is known have a change fail rate of 0',
    { deployments: [deployment(2, '03-03 10:00', 'b')] },
    (r) => r.total.weeks.map(({ changeFailRate }) => changeFailRate),
    [null, null, null, null],
  ],
  [
    'an incident months later is blamed on the newest deployment',
    { deployments: [deployment(2, '03-03 10:00', 'b')], incidents: [incident(11, '03-29 11:00')] },
    (r) => r.total.changeFailRate.hits,
    0,
  ],
  [
    'a recovery of 59 minutes is cut to 0 hours',
    {
      deployments: [
        deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] }),
        deployment(3, '03-03 10:59', 'a', { kind: 'rollback', previous: 2 }),
      ],
    },
    (r) => r.total.recovery.p50! * 60,
    59,
  ],
  [
    'an incident still open took 0',
    { incidents: [incident(11, '03-03 10:00')] },
    (r) => r.total.timeToRestore.p50,
    null,
  ],
  [
    'the first deployment swallows years of history',
    {
      deployments: [deployment(2, '03-03 10:00', 'b')],
      commits: [commit('a', '2016-01-01T00:00:00.000Z'), commit('b', '03-02 08:00', ['a'])],
    },
    (r) => [r.total.leadTime.p50, r.total.leadTime.n],
    [null, 0],
  ],
  [
    'a deployed commit that never reached main has no deployment',
    {
      deployments: [before, deployment(2, '03-04 08:00', 'head'), deployment(3, '03-05 10:00', 'squashed')],
      commits: [...line, commit('head', '03-04 07:00', ['a']), commit('squashed', '03-05 09:00', ['a'])],
    },
    (r) => r.total.leadTime.events.map((event) => event.hours),
    [1, 1],
  ],
  [
    'a deployment superseded by the next one is no success',
    {
      deployments: [
        deployment(2, '03-03 10:00', 'b', { then: [['inactive', '03-04 10:00']] }),
        deployment(3, '03-04 10:00', 'c'),
      ],
    },
    (r) => r.total.frequency.n,
    2,
  ],
  [
    'a later success status moves the deployment, and its lead time with it',
    {
      deployments: [before, deployment(2, '03-03 08:00', 'b', { then: [['success', '03-20 08:00']] })],
      commits: line,
    },
    (r) => r.total.leadTime.p50,
    24,
  ],
  [
    'no deployments is an elite change fail rate',
    {},
    (r) => [r.total.changeFailRate.value, r.total.changeFailRate.tier],
    [null, null],
  ],
  [
    'the median of two is one of them',
    {
      incidents: [
        incident(11, '03-03 10:00', { closedAt: '03-03 11:00' }),
        incident(12, '03-04 10:00', { closedAt: '03-04 13:00' }),
      ],
    },
    (r) => r.total.timeToRestore.p50,
    2,
  ],
  [
    'a revert leaves the change fail rate as it was',
    {
      deployments: [before, deployment(2, '03-03 10:00', 'b'), deployment(3, '03-05 10:00', 'undo')],
      commits: [...line, commit('undo', '03-05 09:00', ['b'], { reverts: [line[1]!.oid] })],
    },
    (r) => r.total.changeFailRate.hits,
    1,
  ],
];

describe('it is not so that', () => {
  it.each(cases)('%s', (_claim, world, figure, truth) => {
    const value = figure(reportOf(world));
    if (typeof truth === 'number') expect(value).toBeCloseTo(truth, 9);
    else expect(value).toEqual(truth);
  });

  it('a service is found by part of its name', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b', { service: 'api' }),
      deployment(3, '03-03 10:00', 'b', { service: 'api-gateway' }),
    ];
    expect(reportOf({ deployments }, { services: ['api'] }).total.frequency.n).toBe(1);
  });
});
