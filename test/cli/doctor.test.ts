import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { dispatch } from '../../cli/dispatch.js';
import type { Shell } from '../../cli/shell.js';
import { tellReport } from '../../shared/notify/reports.js';
import { systemClock } from '../../shared/runner/port.js';
import { serve } from '../support/servers/http.js';
import { trafficStage, type TrafficStage } from '../support/traffic/stage.js';
import { allWrite } from '../rehearsal/github/support.js';
import { action } from '../../cli/steps/doctor.js';
import { testHost } from '../support/runner/host.js';
import { testShell } from './terminal.js';

let stage: TrafficStage;
let metrics: Awaited<ReturnType<typeof serve>>;
let page = '';
const own = { owner: 'acme', repo: 'shop' };
const rights = { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' } as const;

/** Files that a test may plant something in, as they were. */
let files: ReadonlyMap<string, string>;

beforeAll(async () => {
  metrics = await serve((request, response) =>
    response.end(request.url === '/health' ? '{"version":"7.0.0"}' : page),
  );
  stage = await trafficStage();
  const github = join(stage.workspace, '.github');
  mkdirSync(github);
  writeFileSync(
    join(github, 'release-policy.yml'),
    'version: 1\nenvironments: { production: { gates: { monotonic: true, environment: { refs: [main] } } } }\n',
  );
  writeFileSync(
    join(github, 'rollback.yml'),
    stringify({
      version: 1,
      environments: {
        production: {
          watch: '1m',
          sources: {
            app: {
              type: 'json',
              url: `${metrics.url}/json`,
              requests: '$.requests',
              errors: '$.errors',
            },
          },
          criteria: [
            { name: 'errors', source: 'app', 'fail-when': 'error-rate > 5 %', for: '10s', 'min-requests': 5 },
          ],
        },
      },
    }),
  );
  files = new Map(
    [join(stage.workspace, 'traffic.yml'), stage.mapFile].map((path) => [path, readFileSync(path, 'utf8')]),
  );
  await protectAll();
});
beforeEach(() => {
  page = '{"requests":5,"errors":0}';
});
afterEach(() => {
  for (const [path, text] of files) writeFileSync(path, text);
  for (const colour of [stage.blue, stage.green]) Object.assign(colour, { well: true, there: true });
});
afterAll(async () => {
  await stage.close();
  await metrics.close();
});

const removeLock = () => stage.stand.git('update-ref', '-d', 'refs/devops-actions/production/shop/lock');

async function protectAll() {
  await protect('production');
  await protect('production-recovery', { reviewers: false });
}

const admin = () => stage.stand.octokit('octocat', allWrite);
async function protect(name: string, { reviewers = true, any = false, bypass = false } = {}) {
  const at = { ...own, environment_name: name };
  const reviewer = stage.stand.server.control.addUser({ login: 'hubot', role: 'write' });
  await admin()
    .rest.repos.deleteAnEnvironment(at)
    .catch(() => undefined);
  await admin().rest.repos.createOrUpdateEnvironment({
    ...at,
    prevent_self_review: true,
    reviewers: reviewers ? [{ type: 'User', id: reviewer.id }] : [],
    deployment_branch_policy: any ? null : { protected_branches: false, custom_branch_policies: true },
  });
  if (!any) await admin().rest.repos.createDeploymentBranchPolicy({ ...at, name: 'main' });
  stage.stand.server.control.setAdminBypass({
    owner: 'acme',
    name: 'shop',
    environment: name,
    allowed: bypass,
  });
}

async function doctor(
  {
    permissions = rights,
    env = {},
    clock = systemClock,
  }: { permissions?: object; env?: Record<string, string>; clock?: Shell['clock'] } = {},
  ...args: string[]
) {
  const { token } = stage.stand.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: permissions as Record<string, 'write'>,
  });
  const shell = testShell(stage.workspace, {
    clock,
    env: { GH_TOKEN: token, GITHUB_API_URL: stage.stand.server.url, GITHUB_REPOSITORY: 'acme/shop', ...env },
  });
  const service = args.includes('--service') ? [] : ['--service', 'shop'];
  const given = ['--environment', 'production', ...service, '--traffic', 'traffic.yml', ...args];
  const code = await dispatch(['doctor', ...given], shell);
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

function changeTraffic(change: (traffic: Record<string, never>) => void) {
  const file = join(stage.workspace, 'traffic.yml');
  const traffic = parse(readFileSync(file, 'utf8')) as Record<string, never>;
  change(traffic);
  writeFileSync(file, stringify(traffic));
}
const set =
  (...path: string[]) =>
  (value: unknown) =>
    changeTraffic((traffic) => {
      let at = traffic as Record<string, unknown>;
      for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
      at[path.at(-1)!] = value;
    });

test('where everything is right, every line says so, and a release could begin', async () => {
  const { code, out, err } = await doctor();
  expect({ code, err, out }).toMatchObject({ code: 0, err: '' });
  expect(out).not.toMatch(/WRONG|UNKNOWN/);
  for (const line of [
    /^ok +node \S+ +blue 100 %$/m,
    /^ok +router +haproxy \(map\): files, commands and rights/m,
    /^ok +colour blue +live, well at \/health$/m,
    /^ok +colour blue identity +version 1\.0\.0, digest sha256:1{12}$/m,
    /^ok +colour green identity +version 0\.9\.0/m,
    /^ok +entry +\S+ shows 1\.0\.0 on blue/m,
    /^ok +metrics app +answers for version 1\.0\.0$/m,
    /^ok +token contents: write/m,
    /^ok +clock +agrees/m,
    /^ok +environment production +protected, and reviewed$/m,
    /^ok +environment production-recovery +protected, without reviewers$/m,
    /^ok +lock +nobody holds it$/m,
  ])
    expect(out).toMatch(line);
  expect(out).toContain('A release of shop to production could begin here.');
});

test('it moves nothing, and leaves nothing on GitHub', async () => {
  const before = [stage.live(), await stage.refs(), await stage.deployments()];
  await doctor();
  expect([stage.live(), await stage.refs(), await stage.deployments()]).toEqual(before);
  const { data } = await admin().rest.issues.listForRepo({ ...own, state: 'all' });
  expect(data).toEqual([]);
});

type Planted = [what: string, plant: () => unknown, named: RegExp];
async function isNamed(...[, plant, named]: Planted) {
  await plant();
  const { code, out } = await doctor();
  expect([code, out]).toEqual([1, expect.stringMatching(named)]);
  expect(out).toContain('would not go well');
}

describe('what is planted is named, with its fix', () => {
  test.each<Planted>([
    [
      'a traffic file with a misspelt key',
      () => set('helth')({}),
      /^WRONG +traffic file +traffic\.yml:\d+:\d+ helth: .*\n +Fix: .*health/m,
    ],
    [
      'a node that is out of reach',
      () => set('router', 'nodes')([{ name: 'edge-9', socket: '/nowhere/haproxy.sock' }]),
      /^WRONG +node edge-9 +.*\n +Fix: .*/m,
    ],
    [
      'a map file that a reload would bring back otherwise',
      () => writeFileSync(stage.mapFile, 'shop shop_green\n'),
      /^WRONG +nodes together .*a restart or reload would bring green 100 %\n +Fix: /m,
    ],
    [
      'a file that the router needs and is gone',
      () => rmSync(stage.mapFile),
      /^WRONG +(router|nodes together) .*\n +Fix: /m,
    ],
    [
      'a live colour that is ill',
      () => (stage.blue.well = false),
      /^WRONG +colour blue +.*not well.*503.*\n +Fix: /m,
    ],
    [
      'a colour that is ill and idle',
      () => (stage.green.well = false),
      /^WRONG +colour green +.*not well.*\n +Fix: /m,
    ],
    [
      'an identity without a version',
      () => set('identity', 'version')({ json: '$.release' }),
      /^WRONG +colour blue identity +.*\n +Fix: /m,
    ],
    [
      'an identity without a digest',
      () => set('identity', 'digest')({ json: '$.sha' }),
      /^WRONG +colour blue identity +.*digest.*\n +Fix: /m,
    ],
    [
      'a traffic file that asks for no digest',
      () => set('identity', 'digest')(undefined),
      /^WRONG +colour blue identity +.*names no digest.*\n +Fix: add identity\.digest/m,
    ],
    [
      'an entry that leads elsewhere',
      () => set('entry', 'url')(`${metrics.url}/health`),
      /^WRONG +entry +.*does not show the live release: it shows 7\.0\.0.*\n +Fix: make entry\.url/m,
    ],
    [
      'an entry that nobody answers',
      () => set('entry', 'url')('http://127.0.0.1:9/health'),
      /^WRONG +entry +.*\n +Fix: /m,
    ],
    [
      'a metrics page without the numbers',
      () => (page = '{}'),
      /^WRONG +metrics app +(absent|error): .*\n +Fix: docs\/rollback-criteria/m,
    ],
    [
      'a metrics page that is no such page',
      () => (page = '<html>'),
      /^WRONG +metrics app +error: .*\n +Fix: /m,
    ],
  ])('%s', isNamed);

  describe('on GitHub', () => {
    afterEach(protectAll);
    test.each<Planted>([
      [
        'an environment that is not there',
        () => admin().rest.repos.deleteAnEnvironment({ ...own, environment_name: 'production' }),
        /^WRONG +environment production +does not exist.*\n +Fix: /m,
      ],
      [
        'an environment without reviewers, where the policy wants them',
        () => protect('production', { reviewers: false }),
        /^WRONG +environment production +.*no required reviewers\n +Fix: /m,
      ],
      [
        'an environment open to any branch',
        () => protect('production', { any: true }),
        /^WRONG +environment production +.*any branch may deploy/m,
      ],
      [
        'administrators who may bypass',
        () => protect('production-recovery', { reviewers: false, bypass: true }),
        /^WRONG +environment production-recovery +.*administrators may bypass/m,
      ],
      [
        'a rescue that waits for reviewers',
        () => protect('production-recovery'),
        /^WRONG +environment production-recovery +.*a rescue would wait/m,
      ],
    ])('%s', isNamed);
  });

  test.each(['contents', 'deployments', 'issues', 'actions'] as const)(
    'a token without the right to %s',
    async (name) => {
      const { code, out } = await doctor({
        permissions: { ...rights, [name]: name === 'actions' ? 'none' : 'read' },
      });
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(
          new RegExp(`^WRONG +token ${name}: .*may not.*\\n +Fix: under jobs\\..*${name}: `, 'm'),
        ),
      ]);
    },
  );

  test('no token', async () => {
    const { code, out } = await doctor({ env: { GH_TOKEN: '' } });
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^UNKNOWN +token +there is none\n +Fix: .*GH_TOKEN/m),
    ]);
    expect(out).toMatch(/^ok +entry/m);
  });

  test('a token that GitHub does not know', async () => {
    const { code, out } = await doctor({ env: { GH_TOKEN: 'wrong' } });
    expect([code, out]).toEqual([1, expect.stringMatching(/^UNKNOWN +token +.*401.*\n +Fix: /m)]);
  });

  test('a clock that is off', async () => {
    const clock = { ...systemClock, now: () => systemClock.now() + 600_000 };
    const { code, out } = await doctor({ clock });
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(/^WRONG +clock +.*ahead of GitHub's.*\n +Fix: synchronise/m),
    ]);
  });

  test('a lock that nobody can read', async () => {
    stage.stand.git('update-ref', 'refs/devops-actions/production/shop/lock', stage.sha);
    const { code, out } = await doctor();
    removeLock();
    expect([code, out]).toEqual([1, expect.stringMatching(/^WRONG +lock /m)]);
  });
});

test('an idle colour to which nothing is deployed is right', async () => {
  stage.green.there = false;
  const { code, out } = await doctor();
  expect([code, out]).toEqual([0, expect.stringMatching(/^note +colour green +idle, and does not answer/m)]);
});

test('a lock that a run holds is said, and is not wrong', async () => {
  await stage.reserve(stage.startRun());
  const { code, out } = await doctor();
  removeLock();
  expect([code, out]).toEqual([0, expect.stringMatching(/^note +lock +phase reserved/m)]);
});

test('offline it says what it did not look at', async () => {
  const { code, out } = await doctor({ env: { GH_TOKEN: '' } }, '--offline');
  expect([code, out]).toEqual([0, expect.stringMatching(/^note +GitHub +not asked/m)]);
});

test('it needs an environment, and a service that is known', async () => {
  const run = async (...args: string[]) => {
    const shell = testShell(stage.workspace);
    return [await dispatch(['doctor', ...args], shell), shell.errors.join('\n')];
  };
  expect(await run()).toEqual([2, expect.stringContaining('--environment is missing')]);
  expect(await run('--environment', 'production')).toEqual([
    2,
    expect.stringContaining('--service is missing'),
  ]);
});

describe('as a step of a job', () => {
  afterEach(protectAll);
  async function step(permissions: object = rights) {
    const { token } = stage.stand.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: permissions as Record<string, 'write'>,
    });
    const host = testHost({ context: { workspace: stage.workspace, apiUrl: stage.stand.server.url } });
    const inputs = action.inputs.parse({
      environment: 'production',
      service: 'shop',
      traffic: 'traffic.yml',
      'github-token': token,
    });
    const outcome = await action.run(inputs, host);
    return { ...outcome, summary: action.render(outcome.report) };
  }

  test('it is green where a release could begin, and its summary says so first', async () => {
    const { ok, outputs, summary } = await step();
    expect([ok, outputs.result]).toEqual([true, 'ready']);
    expect(summary).toMatch(/^## ✅ A release of shop to production could begin here\.\n/);
    expect(summary).not.toMatch(/❌|❔ \|/);
  });

  test('it is red where it could not, and what is not right stands first, with its fix', async () => {
    await protect('production', { any: true });
    const { ok, outputs, summary, report } = await step({ ...rights, deployments: 'read' });
    expect([ok, outputs.result]).toEqual([false, 'not-ready']);
    const rows = summary.split('\n').filter((line) => line.startsWith('| '));
    expect(rows.slice(2, 4)).toEqual([
      expect.stringMatching(/^\| ❌ \| token deployments: write .*under jobs.*deployments: write/),
      expect.stringMatching(/^\| ❌ \| environment production .*any branch.*init --dry-run/),
    ]);
    const { notification } = tellReport(JSON.stringify(report), {
      repository: 'acme/shop',
      serverUrl: 'https://github.com',
      runUrl: 'https://github.com/acme/shop/actions/runs/7',
      actor: 'mona',
      environment: undefined,
      service: undefined,
      now: '2026-11-29T06:23:00.000Z',
    });
    expect(notification).toMatchObject({
      tone: 'failure',
      title: 'A release of shop to production could not begin',
      body: expect.stringMatching(/token deployments: write: .*Fix: [^]*environment production: /),
    });
  });
});

describe('where no colour answers', () => {
  const fallSilent = () => {
    stage.blue.there = false;
    stage.green.there = false;
  };

  test('and none was ever released, the first release could begin', async () => {
    fallSilent();
    const { code, out } = await doctor({}, '--service', 'new');
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^note +first release +nothing runs yet, and none is recorded/m),
    ]);
    expect(out).toMatch(/^note +colour blue identity +.*does not say what it runs/m);
  });

  test('and nobody may ask the ledger, it is not known', async () => {
    fallSilent();
    for (const asked of [
      doctor({}, '--offline'),
      doctor({ permissions: { ...rights, deployments: 'none' } }, '--service', 'new'),
    ]) {
      const { code, out } = await asked;
      expect([code, out]).toEqual([1, expect.stringMatching(/^UNKNOWN +first release +no colour answers/m)]);
      expect(out).toMatch(/^WRONG +colour blue /m);
    }
  });

  // The last of all: it moves traffic, and its record stays.
  test('and one was released, that is an outage', async () => {
    expect(await stage.release(stage.startRun())).toMatchObject({ ok: true });
    fallSilent();
    const { code, out } = await doctor();
    expect([code, out]).toEqual([
      1,
      expect.stringMatching(
        /^WRONG +first release +no colour answers, and .*recorded as live once\n +Fix: /m,
      ),
    ]);
  });
});
