import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';
import { failedReport } from '../auto-rollback/facts.js';

const run = 'https://github.com/acme/shop/actions/runs/7/attempts/2';
const sha = 'c'.repeat(40);

export const switchReport = (changes: object = {}) => ({
  schema: 'devops-actions/switch-report@1',
  mode: 'switch',
  ok: true,
  result: 'switched',
  message: 'all new connections reach green',
  environment: 'production',
  service: 'shop',
  router: 'haproxy (servers)',
  before: { blue: 100, green: 0 },
  after: { blue: 0, green: 100 },
  nodes: [],
  version: '1.4.0',
  changed: true,
  switchedAt: '2026-11-28T10:00:00.000Z',
  reasons: [],
  codes: [],
  timeline: [],
  run,
  ...changes,
});

export const gateReport = (result: 'pass' | 'hold' | 'fail', changes: object = {}) => ({
  schema: 'devops-actions/gate-report@1',
  result,
  message: 'decided',
  request: {
    environment: 'production',
    service: 'shop',
    sha,
    digest: `sha256:${'d'.repeat(64)}`,
    kind: 'release',
    actor: 'mona',
    run: { id: 7, attempt: 2 },
    repositoryUrl: 'https://github.com/acme/shop',
    policy: { path: '.github/release-policy.yml', commit: sha },
  },
  now: '2026-11-28T10:00:00.000Z',
  policy: 'version: 1',
  evidence: {},
  gates: [{ gate: 'window', result, reason: 'no release on Saturday', notes: [], evidence: [] }],
  ...(result === 'hold' ? { opensAt: '2026-11-30T08:00:00.000Z' } : {}),
  ...changes,
});

export const smokeReport = (result: 'pass' | 'fail' | 'error', changes: object = {}) => ({
  schema: 'devops-actions/smoke-report@1',
  result,
  message: `suite: ${result}`,
  suite: { name: 'shop', file: '.github/smoke.yml' },
  target: 'https://green.shop.example',
  version: '1.4.0',
  startedAt: '2026-11-28T10:00:00.000Z',
  durationMs: 1_200,
  passed: 1,
  failed: result === 'pass' ? 0 : 1,
  notRun: 0,
  p95Ms: 10,
  latency: null,
  seed: 'seed',
  budgets: [
    { metric: 'failed-flows', flow: null, limit: 0, got: result === 'pass' ? 0 : 1, held: result === 'pass' },
  ],
  isolation: null,
  flows: [],
  failures:
    result === 'pass'
      ? []
      : [
          {
            flow: 'buy',
            step: 'log in',
            kind: 'status',
            check: 'status',
            expected: '200',
            got: '500',
            request: 'POST /login',
            file: 'smoke.yml',
          },
        ],
  ...changes,
});

export const rollbackReport = (result: string, changes: object = {}) => ({
  ...failedReport({ run }),
  result,
  ...(result === 'rolled-back'
    ? {
        takeBack: {
          result: 'restored',
          message: 'blue has all traffic',
          trafficMoved: true,
          durationMs: 900,
          restoredAt: 1_795_860_000_000,
        },
        incident: { number: 31, url: 'https://github.com/acme/shop/issues/31' },
      }
    : {}),
  ...changes,
});

export const doraReport = () => {
  const spread = { n: 0, mean: null, p50: null, p75: null, p90: null };
  const durations = { ...spread, tier: null, unit: 'hours', events: [], open: [] };
  const rate = { value: null, hits: 0, n: 0, tier: null, events: [] };
  const [from, to] = ['2026-11-01T00:00:00.000Z', '2026-11-28T00:00:00.000Z'];
  return {
    schema: 'devops-actions/dora-report@1',
    result: 'no-deployments',
    question: {
      environment: 'production',
      services: [],
      from,
      to,
      timezone: 'UTC',
      tiers: 'none',
      leadTimeStart: 'commit',
      countRollbacks: false,
    },
    total: {
      service: 'all',
      leadTime: durations,
      frequency: { perDay: 0, n: 0, days: 27, daysWithDeployment: 0, tier: null },
      changeFailRate: rate,
      recovery: durations,
      timeToRestore: durations,
      reworkRate: rate,
      weeks: [],
      days: [],
    },
    services: [],
    deployments: [],
    leftOut: [],
    notes: [],
    facts: {
      readAt: to,
      repositoryUrl: 'https://github.com/acme/shop',
      deployments: [],
      incidents: [],
      commits: [],
      chains: [],
      missingCommits: [],
      complete: { deployments: true, commits: true },
      requests: { deployments: 1, commits: 0, incidents: 1 },
    },
  };
};

export const doctorReport = (result: 'ready' | 'not-ready') => ({
  schema: 'devops-actions/doctor-report@1',
  result,
  message: 'asked',
  environment: 'production',
  service: 'shop',
  lines: [
    result === 'ready'
      ? { what: 'lock', is: 'ok', detail: 'nobody holds it' }
      : { what: 'clock', is: 'wrong', detail: '11 min ahead', fix: 'synchronise it' },
  ],
});

export const fleetReport = (changes: object = {}) => ({
  schema: 'devops-actions/fleet-report@1',
  'by-hand': [],
  result: 'opened',
  message: '#7 changes 3 files.',
  from: 'v1.4.0',
  to: 'v1.5.0',
  pull: { number: 7, url: 'https://github.com/acme/shop/pull/7' },
  files: ['.github/workflows/cd.yml'],
  kept: [],
  settings: [],
  ...changes,
});
export const goLiveReport = (result: string) => ({
  schema: 'devops-actions/go-live-report@1',
  result,
  message: 'what happened',
  releaseId: 'go-live-1',
  rows: [
    {
      order: '3',
      what: 'orders',
      action: '2.1.0 to production',
      verification: 'smoke test',
      is: 'stopped',
      why: 'not green: Release',
      minutes: 2.1,
    },
  ],
  notes: [],
});
const openSetting = { setting: 'secrets', is: 'wrong', why: ['every branch can read it'] };

/** A report of migration-check; `more` overwrites what it says. */
export const migrationReport = (result: string, more: object = {}) => ({
  schema: 'devops-actions/migration-report@1',
  mode: 'run',
  result,
  allowed: ['none-changed', 'safe', 'waived', 'applied', 'rehearsed', 'settled'].includes(result),
  message: 'what was found',
  service: 'shop',
  environment: 'production',
  now: '2026-11-28T00:00:00.000Z',
  database: 'postgresql',
  from: { sha: 'a'.repeat(40), version: '1.3.0', deployment: 1, by: 'ledger' },
  to: { sha: 'b'.repeat(40), version: '1.4.0' },
  files: [],
  findings: [],
  plan: [],
  schemaVersion: '43',
  oldestCompatibleApp: '1.3.0',
  notes: [],
  run: { id: 7, attempt: 1 },
  ...more,
});

const finding = (level: string, waiver: object | null = null) => ({
  rule: 'drop-column',
  level,
  file: 'db/002.sql',
  line: 3,
  statement: 'ALTER TABLE users DROP COLUMN name',
  detail: 'users.name is dropped',
  why: 'the live version reads it',
  recipe: 'a later release',
  waiver,
});

export const errorReport = (action: string, kind: 'configuration' | 'error') => ({
  schema: 'devops-actions/error@1',
  action,
  result: 'error',
  kind,
  message: 'it broke',
});

const held: Partial<SwitchReport> = { ok: false, result: 'held', wayOut: 'run mode revert or resume.' };
const verdict = { is: 'failed', message: 'bad' };

/**
 * Every kind of report with every kind of result: what its message has to be, and the event that on-call gets (severity
 * where it triggers) or 'none'.
 */
export const cases: readonly (readonly [string, object, string, RegExp, string])[] = [
  ['a doctor', doctorReport('ready'), 'success', /^A release of shop to production could begin$/, 'none'],
  ['a doctor who finds something', doctorReport('not-ready'), 'failure', /could not begin$/, 'none'],
  ['a pull request of fleet-update', fleetReport(), 'success', /^Files of devops-actions: opened$/, 'none'],
  [
    'a branch of somebody else',
    fleetReport({ result: 'held' }),
    'failure',
    /has commits of somebody else$/,
    'none',
  ],
  ['services that are live', goLiveReport('released'), 'success', /^go-live-1 is live$/, 'none'],
  ['a go-live that stopped', goLiveReport('stopped'), 'failure', /^go-live-1 stopped$/, 'none'],
  ['one that went back', goLiveReport('taken-back'), 'rollback', /^go-live-1 was rolled back$/, 'none'],
  ['one that needs a person', goLiveReport('held'), 'hold', /^go-live-1 needs a person$/, 'none'],
  ['open settings', fleetReport({ settings: [openSetting] }), 'failure', /around the gate$/, 'none'],
  ['a gate that passed', gateReport('pass'), 'success', /^shop may go to production$/, 'none'],
  ['a gate on hold', gateReport('hold'), 'hold', /may not go yet to production/, 'none'],
  ['a gate that failed', gateReport('fail'), 'failure', /may not go to production/, 'none'],
  ['a switch', switchReport(), 'success', /^shop 1\.4\.0 is live in production$/, 'resolve'],
  [
    'a confirmed release',
    switchReport({ mode: 'confirm', result: 'confirmed' }),
    'success',
    /is confirmed in production/,
    'resolve',
  ],
  [
    'a status',
    switchReport({ mode: 'status', result: 'live', changed: false }),
    'success',
    /Mode status/,
    'none',
  ],
  ['a switch on hold', switchReport(held), 'incident', /on hold and needs a person/, 'trigger critical'],
  [
    'a switch that users felt',
    switchReport({ result: 'degraded', ok: false }),
    'failure',
    /Connections failed/,
    'trigger error',
  ],
  [
    'a switch that rolled back',
    switchReport({ result: 'reverted', ok: false }),
    'rollback',
    /rolled back/,
    'trigger warning',
  ],
  [
    'a revert by a person',
    switchReport({ mode: 'revert', result: 'reverted' }),
    'rollback',
    /^shop was rolled back to 1\.4\.0 by a person in production$/,
    'acknowledge',
  ],
  ['a paused switch', switchReport({ result: 'paused' }), 'hold', /is paused/, 'none'],
  [
    'a refused switch',
    switchReport({ result: 'refused', ok: false, changed: false }),
    'failure',
    /ended refused/,
    'none',
  ],
  [
    'a switch that broke off',
    switchReport({ result: 'error', ok: false, changed: null, after: null }),
    'failure',
    /broke off/,
    'trigger error',
  ],
  [
    'drift',
    switchReport({ mode: 'status', result: 'drift', ok: false }),
    'failure',
    /disagree/,
    'trigger warning',
  ],
  [
    'a result of a later version that failed',
    switchReport({ result: 'novel', ok: false }),
    'failure',
    /ended novel/,
    'none',
  ],
  [
    'a smoke test that passed',
    smokeReport('pass'),
    'success',
    /^Smoke test passed: shop 1\.4\.0$/,
    'resolve',
  ],
  ['a smoke test that failed', smokeReport('fail'), 'failure', /^Smoke test failed/, 'trigger warning'],
  ['a smoke test that broke off', smokeReport('error'), 'failure', /did not finish/, 'trigger warning'],
  [
    'a healthy watch',
    rollbackReport('healthy'),
    'success',
    /^shop 1\.1\.0 is healthy in production$/,
    'resolve',
  ],
  [
    'a rollback',
    rollbackReport('rolled-back'),
    'rollback',
    /rolled back to 1\.0\.0 in production/,
    'trigger error',
  ],
  [
    'a rollback by a person',
    rollbackReport('rolled-back', { mode: 'now' }),
    'rollback',
    /rolled back to/,
    'acknowledge',
  ],
  [
    'a look at what was restored, which is well',
    rollbackReport('rolled-back', { mode: 'look-after', restored: { is: 'well', message: 'held' } }),
    'success',
    /^shop 1\.0\.0 is well in production since 1\.1\.0 was rolled back$/,
    'acknowledge',
  ],
  [
    'a look at what was restored that came to nothing',
    rollbackReport('rolled-back', { mode: 'look-after', restored: { is: 'not known', message: 'no data' } }),
    'hold',
    /^Nobody knows whether shop 1\.0\.0 is well/,
    'trigger error',
  ],
  [
    'a look at what was restored that could not begin',
    rollbackReport('held', { mode: 'look-after' }),
    'hold',
    /^Nobody knows whether shop is well in production after the rollback$/,
    'trigger error',
  ],
  [
    'a look at what was restored that broke off',
    rollbackReport('error', { mode: 'look-after' }),
    'hold',
    /^Nobody knows whether shop is well/,
    'trigger error',
  ],
  [
    'a rollback on hold',
    rollbackReport('held', { verdict }),
    'incident',
    /could not be rolled back/,
    'trigger critical',
  ],
  ['a watch on hold', rollbackReport('held'), 'hold', /not watched any more/, 'trigger warning'],
  ['an inconclusive watch', rollbackReport('inconclusive'), 'hold', /Nobody knows/, 'trigger warning'],
  ['a watch that broke off', rollbackReport('error'), 'failure', /without a verdict/, 'trigger error'],
  ['a DORA report', doraReport(), 'success', /^DORA report of production: 0 deployments$/, 'none'],
  ['safe migrations', migrationReport('safe'), 'success', /^The migrations of shop 1\.4\.0 may go/, 'none'],
  [
    'unsafe migrations',
    migrationReport('unsafe', { mode: 'plan', findings: [finding('error')] }),
    'failure',
    /may not go to production$/,
    'none',
  ],
  [
    'a rehearsal of migrations that are not allowed',
    migrationReport('rehearsed', { mode: 'rehearse', allowed: false }),
    'failure',
    /may not go to production$/,
    'none',
  ],
  [
    'a migrated database',
    migrationReport('applied'),
    'success',
    /^The database of shop in production was migrated for 1\.4\.0$/,
    'resolve',
  ],
  ['a restored database', migrationReport('restored'), 'rollback', /was restored/, 'trigger error'],
  ['a failed migration', migrationReport('failed'), 'failure', /failed in production$/, 'none'],
  ['a migration on hold', migrationReport('held'), 'incident', /needs a person$/, 'trigger critical'],
  ['a hold that was ended', migrationReport('settled'), 'success', /is settled$/, 'resolve'],
  ['a migration that waits', migrationReport('busy'), 'hold', /waits for another one$/, 'none'],
  [
    'a switch that stopped',
    errorReport('blue-green-switch', 'error'),
    'failure',
    /stopped with an error/,
    'trigger error',
  ],
  [
    'a wrong configuration',
    errorReport('blue-green-switch', 'configuration'),
    'failure',
    /configuration is wrong/,
    'none',
  ],
  ['a gate that stopped', errorReport('gate-check', 'error'), 'failure', /gate-check stopped/, 'none'],
];

export const planReport = (result: 'changes' | 'drift' | 'held', changes: object = {}) => ({
  schema: 'devops-actions/plan-report@1',
  result,
  mode: result === 'drift' ? 'drift' : 'apply',
  message: `production: ${result}`,
  environment: 'production',
  folders: [{ folder: 'infrastructure', destroy: 0, replace: 1, update: 0, create: 0, other: 0, outputs: 0 }],
  changes: [
    {
      folder: 'infrastructure',
      address: 'aws_db_instance.main',
      type: 'aws_db_instance',
      action: 'replace',
      stateful: true,
      attributes: [{ name: 'engine_version', before: '15', after: '16' }],
    },
  ],
  held: result === 'held' ? ['aws_db_instance.main'] : [],
  policies: [],
  notes: [],
  ...changes,
});

/** Of a hotfix that production has, with texts that anybody may write: a branch, the name of a workflow. */
export const hotfixReport = (text: string) => ({
  schema: 'devops-actions/hotfix-report@1',
  result: 'late',
  message: text,
  pull: 7,
  evidence: [],
  stages: [{ name: text, seconds: null, target: 5, note: text }],
  delivered: {
    service: text,
    environment: text,
    at: '2026-11-28T10:00:00.000Z',
    minutes: 41.2,
    target: 35,
  },
  missing: [{ branch: text, what: text, url: 'https://evil.example/compare' }],
});
