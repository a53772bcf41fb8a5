import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decide } from '../../../actions/gate-check/decide.js';
import { readPolicy } from '../../../actions/gate-check/policy.js';
import {
  changesOf,
  hotfixRequest,
  incident,
  job,
  ledger,
  minutesAgo,
  otherSha,
  pull,
  record,
  request,
  run,
  sha,
} from './facts.js';
import { goodRelease, on, worldOf, type Values } from './whole-world.js';

const folder = 'workflows-templates/policies';
const textOf = (name: string) => readFileSync(`${folder}/${name}.yml`, 'utf8');

function ask(name: string, values: Partial<Values> = {}, at = on('thursday'), asked = request) {
  const policy = readPolicy(textOf(name), `${name}.yml`, asked.environment);
  const { result, gates, verdict } = decide(policy, asked, worldOf(values), at);
  return {
    result,
    waivers: verdict?.waivers.map(({ gate }) => gate),
    against: gates.filter(({ result: is }) => is !== 'pass').map(({ gate }) => gate),
  };
}

/** A proved hotfix of an open incident: from hotfix/…, approved, small, with a test, one patch above what is live. */
const hotfix = (severity: 'critical' | 'high' | 'medium' | 'low' = 'high'): Partial<Values> => ({
  changes: changesOf({
    files: [
      { path: 'src/basket.ts', status: 'modified', added: 3, removed: 1 },
      { path: 'test/basket.test.ts', status: 'modified', added: 9, removed: 0 },
    ],
  }),
  incidents: [incident({ severity, marker: { service: 'shop', environment: 'production', severity } })],
});
const asHotfix = (values: Partial<Values> = {}, day: Parameters<typeof on>[0] = 'thursday') =>
  ask('release-rules', { ...hotfix(), ...values }, on(day), hotfixRequest);

const staged = (...records: Parameters<typeof ledger>): Partial<Values> => ({
  deployments: { environments: ['staging', 'production'], records },
});

/** 003: Tuesday at 03:00 UTC. */
const quietHour = Date.parse('2026-11-24T03:00:00Z');

describe('the ready policies', () => {
  it.each(readdirSync(folder).map((file) => file.replace('.yml', '')))(
    '%s lets an ordinary release go, and nothing when nothing is known',
    (name) => {
      const at = name === 'go-live' ? quietHour : on('thursday');
      expect(ask(name, {}, at)).toMatchObject({ result: 'pass', waivers: [], against: [] });
      const policy = readPolicy(textOf(name), name, 'production');
      const blind = decide(policy, request, {}, at);
      expect(blind.gates.filter(({ result }) => result === 'pass').map(({ gate }) => gate)).toEqual(
        policy.gates.some(({ gate }) => gate.name === 'window') ? ['window'] : [],
      );
      expect(blind.verdict).toBeUndefined();
    },
  );
});

describe('002 §1 staging validation: the code must pass 100 % of the checks in staging', () => {
  const checksWith = (jobs: Parameters<typeof job>[0][]): Partial<Values> => ({
    checks: { ...goodRelease.checks, runs: [run({ jobs: jobs.map(job) })] },
  });
  it.each([
    ['failed', [{}, { id: 1002, name: 'security-scan', conclusion: 'failure' }]],
    ['was skipped', [{}, { id: 1002, name: 'security-scan', conclusion: 'skipped' }]],
    ['was never made', [{}]],
  ] as const)('a release whose second check %s does not go out', (_, jobs) => {
    expect(ask('release-rules', checksWith([...jobs])).against).toEqual(['checks']);
  });

  it('a release that failed in staging, or was never there, does not go out', () => {
    expect(ask('release-rules', staged(record({ changes: [['failure', 60]] }))).against).toEqual([
      'promotion',
    ]);
    expect(ask('release-rules', staged()).against).toEqual(['promotion']);
  });
});

describe('002 §1 release candidate: a tag of a pre-release for the last smoke tests', () => {
  it('a release without one does not go out', () => {
    const tags = { tags: [{ name: 'v1.4.2', sha }], truncated: false };
    expect(ask('release-rules', { tags }).against).toEqual(['release-candidate']);
  });

  it('a tag on another commit is none', () => {
    const tags = {
      tags: [...goodRelease.tags.tags.slice(0, 1), { name: 'v1.4.2-rc.1', sha: otherSha }],
      truncated: false,
    };
    expect(ask('release-rules', { tags }).against).toEqual(['release-candidate']);
  });
});

describe('002 §1 governance: no critical work in transit', () => {
  const open: Partial<Values> = {
    blockers: [
      {
        label: 'work-in-transit:critical',
        exists: true,
        open: [
          { number: 13, title: 'Move the basket', url: 'https://github.example/13', is: 'pull request' },
        ],
      },
    ],
  };
  it('a release waits for it', () => expect(ask('release-rules', open).against).toEqual(['blockers']));

  it('a hotfix does not, and the verdict says so', () =>
    expect(asHotfix(open)).toMatchObject({ result: 'pass', waivers: ['incidents', 'blockers'] }));
});

describe('002 §1 governance: no architecture change that nobody documented', () => {
  const changed = (...paths: string[]): Partial<Values> => ({
    changes: {
      ...goodRelease.changes,
      files: paths.map((path) => ({ path, status: 'modified', added: 5, removed: 1 })),
    },
  });
  it.each([
    [['src/core/orders.ts'], ['documented']],
    [['infrastructure/main.tf', 'src/a.ts'], ['documented']],
    [['src/core/orders.ts', 'docs/orders.md'], []],
    [['src/basket.ts'], []],
  ])('changes of %j', (paths, against) =>
    expect(ask('release-rules', changed(...paths)).against).toEqual(against),
  );
});

describe('002 §2 hotfix: it may skip the queue of features, not the quality gates', () => {
  it('goes past the missing candidate, critical work in transit and the incident it fixes', () => {
    const tags = { tags: [{ name: 'v1.4.2', sha }], truncated: false };
    expect(asHotfix({ tags })).toEqual({
      result: 'pass',
      waivers: ['release-candidate', 'incidents'],
      against: [],
    });
  });

  it('does not go past a red check, nor past staging, nor without an approval', () => {
    const red = { ...goodRelease.checks, runs: [run({ jobs: [job({ conclusion: 'failure' })] })] };
    expect(asHotfix({ checks: red }).against).toEqual(['checks']);
    expect(asHotfix(staged()).against).toEqual(['promotion']);
    const unapproved = { ...hotfix().changes!, pulls: [pull({ reviews: [] })] };
    expect(asHotfix({ changes: unapproved }).against).toEqual(['approvals', 'hotfix', 'incidents']);
  });

  it('is from a branch hotfix/…, small, moves nothing, brings a test, and raises the patch version', () => {
    const { files } = hotfix().changes!;
    const withFiles = (more: typeof files) =>
      asHotfix({ changes: { ...hotfix().changes!, files: more } }).against;
    expect(withFiles(files.slice(0, 1))).toEqual(['hotfix']);
    expect(
      withFiles([...files, { path: 'b.ts', was: 'a.ts', status: 'renamed', added: 0, removed: 0 }]),
    ).toEqual(['hotfix']);
    expect(withFiles([...files, { path: 'c.ts', status: 'modified', added: 900, removed: 0 }])).toEqual([
      'hotfix',
    ]);
    const minor = {
      tags: [
        { name: 'v1.5.0', sha },
        { name: 'v1.5.0-rc.1', sha },
      ],
      truncated: false,
    };
    expect(asHotfix({ tags: minor }).against).toEqual(['version']);
    expect(asHotfix({ changes: goodRelease.changes }).against).toEqual(['hotfix', 'incidents']);
  });

  it('answers an error of severity medium or above, seen in an incident that the suite opened', () => {
    expect(asHotfix({ incidents: hotfix('low').incidents! }).against).toEqual(['hotfix']);
    expect(asHotfix({ incidents: [incident({ marker: null })] }).against).toEqual(['hotfix', 'incidents']);
  });
});

describe('002 §6 no deploys on Fridays, unless it is a hotfix of severity high or above', () => {
  it('holds a release on Friday, and opens on Saturday', () => {
    const policy = readPolicy(textOf('release-rules'), 'p', 'production');
    const friday = decide(policy, request, worldOf(), on('friday'));
    expect([friday.result, friday.opensAt]).toEqual(['hold', '2026-11-27T23:00:00.000Z']);
    expect(ask('release-rules', {}, on('sunday')).result).toBe('pass');
  });

  it.each([
    ['critical', 'pass'],
    ['high', 'pass'],
    ['medium', 'hold'],
  ] as const)('a hotfix of severity %s on Friday: %s', (severity, result) =>
    expect(asHotfix(hotfix(severity), 'friday').result).toBe(result),
  );

  it('a hotfix that only says so is held like any release', () => {
    expect(asHotfix({ incidents: [] }, 'friday').result).toBe('fail');
    expect(ask('release-rules', { incidents: [] }, on('friday'), hotfixRequest).result).toBe('fail');
  });
});

describe('004 the way to production goes from develop to main', () => {
  it.each([
    ['develop', 'main', false, []],
    ['hotfix/basket', 'main', false, []],
    ['feature/basket', 'main', false, ['approvals']],
    ['my-develop', 'main', false, ['approvals']],
    ['feature/basket', 'develop', false, ['approvals']],
    ['develop', 'main', true, ['approvals']],
  ] as const)('a pull request from %s into %s (fork: %s)', (branch, base, fork, against) => {
    const { reviews } = goodRelease.changes.pulls[0]!;
    const pulls = [pull({ head: { branch, sha: otherSha, fork }, base, reviews })];
    expect(ask('release-rules', { changes: { ...goodRelease.changes, pulls } }).against).toEqual(against);
  });

  it('a direct push to main, or a commit that is on develop only, does not go out', () => {
    const pushed = {
      ...goodRelease.changes,
      commits: [{ sha, title: 'x', author: 'a', pulls: [] }],
      pulls: [],
    };
    expect(ask('release-rules', { changes: pushed }).against).toEqual(['approvals']);
    const branches = { heads: [{ name: 'main', sha: otherSha, contains: false }], truncated: false };
    expect(ask('release-rules', { branches }).against).toEqual(['branch']);
  });

  it('develop goes to staging', () => {
    const branches = { heads: [{ name: 'develop', sha, contains: true }], truncated: false };
    const checks = { ...goodRelease.checks, runs: [run()] };
    const asked = { ...request, environment: 'staging' };
    expect(ask('release-rules', { branches, checks }, on('thursday'), asked).result).toBe('pass');
  });
});

describe('000 the hotfix of the future: a branch, a pull request, CI and a peer, and nothing older', () => {
  it('goes out by itself once CI is green and a peer approved', () => expect(asHotfix().result).toBe('pass'));

  it('is never behind or beside what is live', () => {
    for (const status of ['behind', 'diverged'] as const) {
      const live = { deployment: 3, sha: otherSha, version: '1.4.1', since: minutesAgo(90), status };
      expect(asHotfix({ comparison: { live } }).against).toContain('monotonic');
    }
  });
});
