import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decide } from '../../../../actions/gate-check/decide.js';
import type { Override } from '../../../../actions/gate-check/evidence/overrides.js';
import { evidenceKinds, type EvidenceKind } from '../../../../actions/gate-check/evidence/registry.js';
import { gates } from '../../../../actions/gate-check/gates/registry.js';
import { readPolicy } from '../../../../actions/gate-check/policy.js';
import { startSigstore } from '../../../support/sigstore.js';
import {
  changesOf,
  hotfixRequest,
  incident,
  job,
  minutesAgo,
  now,
  record,
  request,
  run,
  sha,
} from '../facts.js';
import { cdPath, ciPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';
import { goodRelease, on, worldOf, type Values } from '../whole-world.js';

/** Evidence that differs from that of a good release, when it is asked, and as what. */
interface World extends Partial<Values> {
  at?: number;
  asked?: typeof request;
}

interface Row {
  config: string;
  pass: World;
  fail: World;
  /** Undefined where time alone mends nothing. */
  hold?: World;
  /** Undefined where nothing lets it through; `by` says who does, a hotfix, a person, or the policy itself. */
  waived?: World & { by: 'hotfix' | 'person' | 'policy'; config?: string };
}

const dora = (value: number): World => ({
  dora: {
    run: {
      id: 9,
      number: 3,
      path: '.github/workflows/dora-report.yml',
      event: 'schedule',
      headSha: sha,
      onDefaultBranch: true,
      conclusion: 'success',
      url: '',
    },
    report: {
      is: 'read',
      environment: 'production',
      from: '2026-08-31T00:00:00Z',
      to: '2026-11-20T00:00:00Z',
      services: [{ service: 'shop', figures: { 'change-fail-rate': value } }],
    },
  },
});
const repository = 'https://github.example/acme/shop';
const attested: World = {
  attestations: [
    {
      is: 'verified',
      attested: {
        predicateType: 'https://slsa.dev/provenance/v1',
        subjects: ['d'.repeat(64)],
        signer: {
          issuer: 'https://token.actions.githubusercontent.com',
          signerUri: `${repository}/.github/workflows/cd.yml@refs/heads/main`,
          repositoryUri: repository,
          sha,
          ref: 'refs/heads/main',
          trigger: 'push',
          runUri: `${repository}/actions/runs/7/attempts/1`,
          runner: 'github-hosted',
        },
      },
    },
  ],
};
const migrationOf = (status: string, conclusion: string | null): World => ({
  migrations: [
    {
      id: 7,
      number: 70,
      path: cdPath,
      event: 'push',
      headSha: sha,
      jobs: [{ name: 'migrations', attempt: 1, status, conclusion, startedAt: minutesAgo(5), url: '' }],
    },
  ],
});
const staged = (...records: Parameters<typeof record>[0][]): World => ({
  deployments: { environments: ['staging', 'production'], records: records.map(record) },
});
const blocked: World = {
  blockers: [
    {
      label: 'release-blocker',
      exists: true,
      open: [{ number: 12, title: 'x', url: `${repository}/issues/12`, is: 'issue' }],
    },
  ],
};
const jobs = (fields: Parameters<typeof job>[0], status = 'completed'): World => ({
  checks: { ...goodRelease.checks, runs: [run({ status, jobs: [job(fields)] })] },
});
const files = (...paths: string[]): World => ({
  changes: changesOf({ files: paths.map((path) => ({ path, status: 'modified', added: 3, removed: 1 })) }),
});
const noTags: World = { tags: { tags: [], truncated: false } };
const badMetric: World = { metrics: [{ name: 'error budget left', is: 'known', value: 0.01 }] };
const open: World = { incidents: [incident()] };
const untrue = (kind: 'rules' | 'rego', name: string): World => ({
  [kind]: [{ name, is: 'held', value: false }],
});

/** A line for each gate: what it says in each of its states. */
const table: Record<string, Row> = {
  branch: {
    config: '[main]',
    pass: {},
    fail: { branches: { heads: [{ name: 'main', sha, contains: false }], truncated: false } },
  },
  checks: {
    config: `{ required: [{ name: test, workflow: ${ciPath}, events: [push] }] }`,
    pass: {},
    fail: jobs({ conclusion: 'failure' }),
    hold: jobs({ status: 'in_progress', conclusion: null }, 'in_progress'),
  },
  approvals: { config: '{ count: 1 }', pass: {}, fail: { changes: changesOf({ pulls: [] }) } },
  hotfix: {
    config: `{ tests: ['test/**'] }`,
    pass: { ...files('src/basket.ts', 'test/basket.ts'), asked: hotfixRequest },
    fail: { ...files('src/basket.ts'), asked: hotfixRequest },
  },
  documented: {
    config: `[{ changes: ['src/**'], docs: ['docs/**'] }]`,
    pass: files('src/basket.ts', 'docs/basket.md'),
    fail: files('src/basket.ts'),
    waived: { ...files('src/basket.ts'), by: 'person' },
  },
  version: { config: '{}', pass: {}, fail: noTags },
  'release-candidate': {
    config: '{ let-hotfix: true }',
    pass: {},
    fail: noTags,
    waived: { ...noTags, by: 'hotfix' },
  },
  provenance: {
    config: '{ signer-workflow: .github/workflows/cd.yml, refs: [refs/heads/main] }',
    pass: attested,
    fail: { attestations: [{ is: 'refused', reason: 'the signature is wrong' }] },
  },
  promotion: {
    config: '{ from: staging, soak: 10m }',
    pass: {},
    fail: staged(),
    hold: staged({ changes: [['success', 5]] }),
    waived: {
      ...staged(
        {},
        {
          id: 77,
          environment: 'production',
          changes: [
            ['success', 50],
            ['failure', 40],
          ],
        },
      ),
      by: 'policy',
      config: '{ from: staging, readmit: [{ deployment: 77, reason: The provider was down, by: mona }] }',
    },
  },
  monotonic: {
    config: 'true',
    pass: {},
    fail: { comparison: { live: { ...goodRelease.comparison.live!, status: 'behind' } } },
  },
  migration: {
    config: `{ workflow: ${cdPath}, job: migrations }`,
    pass: migrationOf('completed', 'success'),
    fail: migrationOf('completed', 'failure'),
    hold: migrationOf('in_progress', null),
  },
  environment: { config: '{}', pass: {}, fail: { environment: null } },
  incidents: {
    config: '{ block-at: high, let-hotfix: true }',
    pass: {},
    fail: open,
    waived: { ...open, by: 'hotfix' },
  },
  blockers: {
    config: '{ labels: [release-blocker], let-hotfix: true }',
    pass: {},
    fail: blocked,
    waived: { ...blocked, by: 'hotfix' },
  },
  metric: {
    config:
      '{ let-hotfix: true, bounds: [{ name: error budget left, min: 0.1, source: { type: prometheus, url: "http://127.0.0.1:9", query: up } }] }',
    pass: {},
    fail: badMetric,
    waived: { ...badMetric, by: 'hotfix' },
  },
  dora: {
    config:
      '{ workflow: .github/workflows/dora-report.yml, let-hotfix: true, bounds: [{ figure: change-fail-rate, max: 0.15 }] }',
    pass: dora(0.1),
    fail: dora(0.3),
    waived: { ...dora(0.3), by: 'hotfix' },
  },
  cel: {
    config: `[{ name: no Friday, sees: [changes], expression: 'true' }]`,
    pass: {},
    fail: untrue('rules', 'no Friday'),
    waived: { ...untrue('rules', 'no Friday'), by: 'person' },
  },
  rego: {
    config: '[{ name: small, file: .github/release.rego, sees: [changes] }]',
    pass: {},
    fail: untrue('rego', 'small'),
    waived: { ...untrue('rego', 'small'), by: 'person' },
  },
  window: {
    config: '{ timezone: UTC, freeze: [{ days: fri, reason: No Fridays, let-hotfix: true }] }',
    pass: {},
    fail: { at: Date.parse('2020-01-01T00:00:00Z') },
    hold: { at: on('friday') },
    waived: { at: on('friday'), by: 'hotfix' },
  },
};

const rows = Object.entries(table);
const byPerson: Override = {
  by: { login: 'mona', bot: false },
  at: minutesAgo(5),
  edited: false,
  url: `${repository}/pull/21#issuecomment-1`,
  gate: '',
  environment: 'production',
  sha,
  reason: 'The rule is about another service',
  role: 'admin',
};

function policyOf(gate: string, config: string, override = false) {
  const overrides = override ? `, overrides: [{ gate: ${gate} }]` : '';
  const text = `version: 1\nenvironments: { production: { gates: { ${gate}: ${config} }${overrides} } }\n`;
  return readPolicy(text, 'release-policy.yml', 'production');
}

function ask(
  gate: string,
  { at = now, asked = request, ...values }: World,
  config = table[gate]!.config,
  override = false,
) {
  const { gates: judged, verdict } = decide(policyOf(gate, config, override), asked, worldOf(values), at);
  return { is: judged[0]!.result, reason: judged[0]!.reason, waivers: verdict?.waivers };
}

describe('every gate', () => {
  it('has a row here', () => {
    expect(rows.map(([gate]) => gate)).toEqual(gates.map(({ name }) => name));
    expect(rows).toHaveLength(19);
  });

  it.each(rows)('%s passes a release that nothing stands in the way of', (gate, { pass }) => {
    expect(ask(gate, pass)).toMatchObject({ is: 'pass', waivers: [] });
  });

  it.each(rows)('%s fails what stands against it, and says why', (gate, { fail, config }) => {
    const never = gate === 'window' ? '{ timezone: UTC, allow: [{ dates: 2019-01-01 }] }' : config;
    const judged = ask(gate, fail, never);
    expect(judged).toMatchObject({ is: 'fail', waivers: undefined });
    expect(judged.reason.length).toBeGreaterThan(10);
  });

  it.each(rows)('%s holds exactly what time alone can mend', (gate, { hold }) => {
    if (hold) expect(ask(gate, hold)).toMatchObject({ is: 'hold', waivers: undefined });
    else expect(['checks', 'promotion', 'migration', 'window']).not.toContain(gate);
  });

  it.each(rows)(
    '%s is let through by nothing but what the policy names, and the verdict lists it',
    (gate, row) => {
      const { waived } = row;
      if (waived?.by !== 'person' && !gates.find(({ name }) => name === gate)!.byPeople)
        expect(() => policyOf(gate, row.config, true)).toThrow();
      if (!waived) return;
      const { by, config, ...world } = waived;
      const asked = by === 'hotfix' ? hotfixRequest : request;
      const proof = by === 'hotfix' ? { changes: changesOf() } : {};
      const overrides = by === 'person' ? [{ ...byPerson, gate }] : [];
      const person = ask(gate, { asked, overrides, ...proof, ...world }, config, by === 'person');
      expect(person).toMatchObject({
        is: 'pass',
        waivers: [{ gate, by: by === 'hotfix' ? 'hubot' : 'mona' }],
      });
      // Without the hotfix, the person or the policy's word it stays as it was.
      expect(ask(gate, world).is).not.toBe('pass');
    },
  );

  it.each(rows)('%s passes nothing that is not known, and names the permission', (gate, { config, pass }) => {
    const { asked = request } = pass;
    const policy = policyOf(gate, config);
    const kinds = [
      ...new Set(policy.gates[0]!.gate.needs(policy.gates[0]!.config, asked).map(({ kind }) => kind)),
    ];
    const own = kinds.filter((kind) => gates.find(({ name }) => name === gate)!.kinds.includes(kind));
    if (gate !== 'window') expect(own.length).toBeGreaterThan(0);
    for (const kind of own) {
      for (const piece of [
        { is: 'unknown', reason: 'GitHub answered 502' },
        { is: 'unknown', reason: 'GitHub answered 403', permission: 'a-thing: read' },
        undefined,
      ] as const) {
        const { asked: _, at: _at, ...values } = pass;
        const decision = decide(policy, asked, { ...worldOf(values), [kind]: piece }, now);
        expect(decision).toMatchObject({ result: 'fail', gates: [{ result: 'fail' }] });
        if (piece && 'permission' in piece)
          expect(decision.gates[0]!.reason).toContain('permissions: { a-thing: read }');
      }
    }
  });
});

describe('every gate as a step that may read nothing but the policy', () => {
  let world: GateStage;
  let roots: string;
  beforeAll(async () => {
    const [stage, sigstore] = await Promise.all([gateStage(), startSigstore()]);
    world = stage;
    roots = sigstore.trustedRoot;
    await sigstore.close();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  /** Kinds whose evidence needs no more than the policy itself, or is not GitHub's. */
  const readable: readonly EvidenceKind[] = [
    'branches',
    'commit',
    'tags',
    'metrics',
    'rules',
    'rego',
    'calendars',
  ];

  it('does not pass, and names each permission that is missing', async () => {
    // Rego would need opa here, which test/real/gate has.
    const asked = rows.filter(([gate]) => gate !== 'rego');
    const policy = asked.map(([gate, { config }]) => `      ${gate}: ${config}\n`).join('');
    const head = world.push({
      [policyPath]: `version: 1\nenvironments:\n  production:\n    gates:\n${policy}`,
      '.github/trusted_root.jsonl': `${roots}\n`,
    });
    const runId = world.ran({ sha: head, path: cdPath });
    const { contents } = gatePermissions;
    const checked = await world.check({
      service: 'shop',
      sha: head,
      runId,
      kind: 'hotfix',
      permissions: { contents: contents!, metadata: 'read' },
    });
    expect(checked.result).toBe('fail');
    for (const [gate] of asked) {
      const { kinds } = gates.find(({ name }) => name === gate)!;
      const closed = kinds.filter((kind) => !readable.includes(kind));
      if (closed.length === 0) continue;
      const permissions = closed.flatMap((kind) =>
        Object.keys(evidenceKinds.find((one) => one.kind === kind)!.permission),
      );
      const { result, reason } = checked.gates[gate]!;
      expect([gate, result]).toEqual([gate, 'fail']);
      expect([
        gate,
        [...permissions, 'deployments'].some((name) => reason.includes(`${name}: read`)),
        reason,
      ]).toEqual([gate, true, reason]);
    }
  });
});
