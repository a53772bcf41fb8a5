import type { EvidenceValue, GateEvidence } from '../../../actions/gate-check/evidence/registry.js';
import {
  changesOf,
  job,
  known,
  minutesAgo,
  now,
  otherSha,
  posted,
  pull,
  record,
  review,
  run,
  sha,
  tree,
} from './facts.js';

export type Values = {
  [kind in keyof GateEvidence]-?: Extract<GateEvidence[kind], { is: 'known' }>['value'];
};

type Environment = EvidenceValue<'environment'>;

/** Evidence of every kind for a release that nothing stands in the way of, by any of the ready policies. */
export const goodRelease: Values = {
  calendars: [],
  commit: { sha, tree },
  checks: {
    runs: [
      run({ jobs: [job(), job({ id: 1002, name: 'security-scan' })] }),
      run({ id: 8, path: '.github/workflows/backup.yml', jobs: [job({ id: 1003, name: 'backup' })] }),
    ],
    posted: [posted(), posted({ id: 1002, name: 'security-scan' })],
    statuses: [],
    truncated: [],
  },
  head: { tree, defaultBranch: 'main', pulls: [], head: null },
  mergeGroups: { tree, workflows: [] },
  deployments: { environments: ['staging', 'production'], records: [record({ changes: [['success', 90]] })] },
  incidents: [],
  blockers: ['work-in-transit:critical', 'release-blocker'].map((label) => ({
    label,
    exists: true,
    open: [],
  })),
  comparison: {
    live: { deployment: 3, sha: otherSha, version: '1.4.1', since: minutesAgo(9_000), status: 'ahead' },
  },
  changes: changesOf({
    pulls: [
      pull({
        head: { branch: 'develop', sha: otherSha, fork: false },
        reviews: [review(), review({ by: { login: 'mona', bot: false } })],
      }),
    ],
  }),
  pushes: [{ pull: 21, head: otherSha, by: ['octocat'] }],
  branches: { heads: [{ name: 'main', sha, contains: true }], truncated: false },
  tags: {
    tags: [
      { name: 'v1.4.2', sha },
      { name: 'v1.4.2-rc.1', sha },
    ],
    truncated: false,
  },
  environment: {
    name: 'production',
    reviewers: [{ is: 'user', name: 'hubot' }],
    preventSelfReview: true,
    adminsBypass: false,
    refs: { only: 'listed', patterns: [{ name: 'main', type: 'branch' }] },
  } satisfies Environment,
  migrations: [],
  attestations: [],
  metrics: [{ name: 'error budget left', is: 'known', value: 0.5 }],
  dora: { run: null, report: { is: 'unreadable', reason: 'there is none' } },
  rules: [{ name: 'no Friday', is: 'held', value: true }],
  rego: [{ name: 'small', is: 'held', value: true }],
  overrides: [],
};

/** All of it known, with changes. */
export const worldOf = (values: Partial<Values> = {}): GateEvidence =>
  Object.fromEntries(
    Object.entries({ ...goodRelease, ...values }).map(([kind, value]) => [kind, known(value)]),
  ) as GateEvidence;

/** The instant of a weekday from the day of the facts on, at 12:00 UTC. */
export const on = (day: 'thursday' | 'friday' | 'sunday') =>
  now + { thursday: 4, friday: 5, sunday: 0 }[day] * 86_400_000;
