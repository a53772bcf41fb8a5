import fc from 'fast-check';
import {
  evidenceKinds,
  type EvidenceKind,
  type GateEvidence,
} from '../../../../actions/gate-check/evidence/registry.js';
import { gates } from '../../../../actions/gate-check/gates/registry.js';
import { readPolicy, type EnvironmentPolicy } from '../../../../actions/gate-check/policy.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';
import { changesOf, hotfixRequest, incident, now, request } from '../facts.js';
import { goodRelease, worldOf } from '../whole-world.js';
import { hostile, nearly, valuesOf } from './from-schema.js';

type Gates = Record<string, unknown>;

/** A policy file as data: what stands under production. */
export interface Written {
  gates: Gates;
  overrides?: { gate: string; role: string }[];
}

export const textOf = (written: Written) =>
  JSON.stringify({ version: 1, environments: { production: written } });

/** Configurations that speak of what the evidence below knows: those of any values seldom meet it. */
const usual: Gates = {
  checks: { required: [{ name: 'test', workflow: '.github/workflows/ci.yml' }] },
  provenance: { 'signer-workflow': '.github/workflows/cd.yml', refs: ['refs/heads/main'] },
  promotion: { from: 'staging', soak: '100m' },
  migration: { workflow: '.github/workflows/cd.yml', job: 'migrations' },
  metric: {
    bounds: [
      {
        name: 'error budget left',
        min: 0.1,
        source: { type: 'json', url: 'https://slo.example', value: '$.left' },
      },
    ],
  },
  incidents: { 'block-at': 'high', 'let-hotfix': true },
  blockers: { labels: ['release-blocker'], 'let-hotfix': 'high' },
  'release-candidate': { 'let-hotfix': true },
  cel: [{ name: 'no Friday', expression: 'true' }],
  rego: [{ name: 'small', file: '.github/release.rego' }],
  dora: {
    workflow: '.github/workflows/dora-report.yml',
    bounds: [{ figure: 'change-fail-rate', max: 0.15 }],
  },
};

const configs = new Map(
  gates.map(({ name, schema }) => {
    const any = valuesOf(schema, 'input');
    return [name, name in usual ? fc.oneof(fc.constant(usual[name]), any) : any];
  }),
);
const overridable = gates.filter(({ byPeople }) => byPeople).map(({ name }) => name);

const anyGates: fc.Arbitrary<Gates> = fc
  .uniqueArray(fc.constantFrom(...configs.keys()), { minLength: 1, maxLength: 4 })
  .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, configs.get(name)!]))));
const usualGates: fc.Arbitrary<Gates> = fc
  .subarray(Object.entries(usual), { minLength: 1, maxLength: 3 })
  .map((some) => Object.fromEntries(some));

/** A few gates with any configuration that their schemas allow, and some that people may override. */
export const policies: fc.Arbitrary<Written> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: anyGates }, { weight: 1, arbitrary: usualGates }),
    fc.subarray(overridable),
  )
  .map(([chosen, some]) => ({
    gates: chosen,
    ...(some.length > 0 ? { overrides: some.map((gate) => ({ gate, role: 'maintain' })) } : {}),
  }));

/** Windows of any rules, with a soak: what time alone mends. */
export const timedPolicies: fc.Arbitrary<Written> = fc
  .tuple(configs.get('window')!, fc.constantFrom<Gates>({}, { promotion: { from: 'staging', soak: '2d' } }))
  .map(([window, more]) => ({ gates: { window, ...more } }));

/** What is known of a good release. */
export const goodEvidence = fc.constant(worldOf());

/** A policy with a slip: a key too many or too few, another type, a text of somebody else. */
export const nearlyPolicies: fc.Arbitrary<Written> = nearly(policies) as fc.Arbitrary<Written>;

/** The policy, or the problems that its author is told. Whatever else is thrown is a bug. */
export function read(written: unknown): EnvironmentPolicy | ConfigurationError {
  try {
    return readPolicy(textOf(written as Written), 'release-policy.yml', 'production');
  } catch (error) {
    if (error instanceof ConfigurationError) return error;
    throw error;
  }
}

const repository = request.repositoryUrl;
const attested = {
  is: 'verified',
  attested: {
    predicateType: 'https://slsa.dev/provenance/v1',
    subjects: ['d'.repeat(64)],
    signer: {
      issuer: 'https://token.actions.githubusercontent.com',
      signerUri: `${repository}/.github/workflows/cd.yml@refs/heads/main`,
      repositoryUri: repository,
      sha: request.sha,
      ref: 'refs/heads/main',
      trigger: 'push',
      runUri: `${repository}/actions/runs/7/attempts/1`,
      runner: 'github-hosted',
    },
  },
};
const doraRead = {
  run: {
    id: 9,
    number: 3,
    path: '.github/workflows/dora-report.yml',
    event: 'schedule',
    headSha: request.sha,
    onDefaultBranch: true,
    conclusion: 'success',
    url: '',
  },
  report: {
    is: 'read',
    environment: 'production',
    from: '2026-08-31T00:00:00Z',
    to: '2026-11-20T00:00:00Z',
    services: [{ service: 'shop', figures: { 'change-fail-rate': 0.1 } }],
  },
};
const blocker = { number: 12, title: hostile[2], url: `${repository}/issues/12`, is: 'issue' };
const migrated = {
  id: 7,
  number: 70,
  path: '.github/workflows/cd.yml',
  event: 'push',
  headSha: request.sha,
  jobs: [
    {
      name: 'migrations',
      attempt: 1,
      status: 'completed',
      conclusion: 'success',
      startedAt: now - 300_000,
      url: '',
    },
  ],
};

/** What can be said of each kind that is good for a release, or for a hotfix, so that some decisions are a pass. */
const good: Partial<Record<EvidenceKind, readonly unknown[]>> = {
  changes: [goodRelease.changes, changesOf()],
  attestations: [[attested]],
  tags: [goodRelease.tags, { tags: [], truncated: false }],
  blockers: [goodRelease.blockers, [{ label: 'release-blocker', exists: true, open: [blocker] }]],
  dora: [doraRead],
  migrations: [[migrated]],
  incidents: [[], [incident()]],
  overrides: [
    [],
    overridable.map((gate) => ({
      by: { login: 'mona', bot: false },
      at: now - 60_000,
      edited: false,
      url: 'https://github.example/acme/shop/pull/21#issuecomment-1',
      gate,
      environment: 'production',
      sha: request.sha,
      reason: 'It is about the other shop',
      role: 'admin',
    })),
  ],
};

function pieceOf(kind: EvidenceKind): fc.Arbitrary<unknown> {
  const { schema } = evidenceKinds.find((one) => one.kind === kind)!;
  const fits = (value: unknown) => schema.safeParse(value).success;
  const known = fc.constantFrom(...(good[kind] ?? [goodRelease[kind]]));
  const value = (values: fc.Arbitrary<unknown>) =>
    values.filter(fits).map((one) => ({ is: 'known', value: one }));
  const unknown = fc.record({
    is: fc.constant('unknown'),
    reason: fc.constantFrom('GitHub answered 502', ...hostile),
    permission: fc.constantFrom('checks: read', 'issues: read\npull-requests: read', undefined),
  });
  return fc.oneof(
    { weight: 12, arbitrary: value(known) },
    { weight: 2, arbitrary: value(nearly(known)) },
    { weight: 2, arbitrary: value(valuesOf(schema, 'output')) },
    { weight: 1, arbitrary: unknown },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** Any evidence that a report could hold: good, slightly other, of any values, unknown, or not looked up. */
export const evidences = fc.record(
  Object.fromEntries(evidenceKinds.map(({ kind }) => [kind, pieceOf(kind)])),
) as fc.Arbitrary<GateEvidence>;

export const requests = fc.constantFrom(request, hotfixRequest);

/** Minutes of two weeks. */
export const instants = fc.integer({ min: 0, max: 14 * 24 * 60 }).map((minutes) => now + minutes * 60_000);
