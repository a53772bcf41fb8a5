import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { attestations } from '../../../../actions/gate-check/evidence/attestations.js';
import { ask, type Sources } from '../../../../actions/gate-check/evidence/evidence.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import { allWrite } from '../../../rehearsal/github/support.js';
import { startSigstore, type Claims, type Sigstore } from '../../../support/sigstore.js';
import { digest, judge, now, request } from '../facts.js';
import { gateStage, type GateStage } from '../stage.js';

const rootPath = '.github/trusted_root.jsonl';
const gate = (more = '') =>
  `provenance: { signer-workflow: .github/workflows/cd.yml, refs: [refs/heads/main]${more} }`;

describe('provenance', () => {
  let world: GateStage;
  let sigstore: Sigstore;
  let stranger: Sigstore;
  let asked: GateRequest;
  let claims: Claims;
  beforeAll(async () => {
    [world, sigstore, stranger] = await Promise.all([gateStage(), startSigstore(), startSigstore()]);
    const sha = world.push({
      [rootPath]: `${stranger.trustedRoot}\n`,
      'app.txt': 'one',
    });
    world.push({ [rootPath]: `${sigstore.trustedRoot}\n` });
    const repository = `${world.at.owner}/${world.at.repo}`;
    asked = { ...request, sha, repositoryUrl: `https://github.com/${repository}` };
    claims = {
      iss: 'https://token.actions.githubusercontent.com',
      repository,
      sha,
      ref: 'refs/heads/main',
      job_workflow_ref: `${repository}/.github/workflows/cd.yml@refs/heads/main`,
      event_name: 'push',
      run_id: '77',
      run_attempt: '1',
      runner_environment: 'github-hosted',
    };
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await Promise.all([world.close(), sigstore.close(), stranger.close()]);
    expect(violations).toEqual([]);
  });

  let digests = 0;
  /** Attests a digest of its own and asks the gate about it. */
  async function verdictOf(
    attest: {
      by?: Sigstore;
      claims?: Partial<Claims>;
      of?: string;
      type?: string;
      change?: (bundle: object) => object;
    },
    gates = gate(),
    permissions: Record<string, 'read' | 'write'> = { attestations: 'read', contents: 'read' },
  ) {
    const mine = `sha256:${String(++digests).padStart(64, '0')}`;
    const { by = sigstore, of = mine, type, change = (bundle) => bundle } = attest;
    const bundle = change(await by.attest(of, { ...claims, ...attest.claims }, type));
    const anybody = world.octokit('octocat', { ...allWrite, attestations: 'write' } as never);
    await anybody.request('POST /repos/{owner}/{repo}/attestations', { ...world.at, bundle } as never);
    return judged(of === mine ? mine : of, gates, permissions);
  }
  async function judged(of: string, gates: string, permissions: Record<string, 'read' | 'write'>) {
    const github = await world.as('github-actions[bot]', permissions);
    const its = { ...asked, digest: of };
    const detail = { trustedRoot: rootPath, predicateType: 'https://slsa.dev/provenance/v1' };
    const piece = await ask(attestations.permission, () =>
      attestations.collect([detail], { github, request: its } as unknown as Sources),
    );
    const { gates: found } = judge(gates, { attestations: piece }, now, its);
    return { is: found[0]!.result, reason: found[0]!.reason };
  }

  it('passes what the named workflow built from the released commit', async () => {
    expect(await verdictOf({})).toEqual({
      is: 'pass',
      reason: `built from ${asked.sha.slice(0, 12)} by .github/workflows/cd.yml`,
    });
  });

  it.each<[string, Partial<Claims>, string]>([
    ['another commit', { sha: 'f'.repeat(40) }, 'built from commit ffffffffffff'],
    ['another branch', { ref: 'refs/heads/main-2' }, 'built from refs/heads/main-2'],
    ['another repository', { repository: 'evil/shop' }, 'built from https://github.com/evil/shop'],
    [
      'another workflow',
      { job_workflow_ref: 'octo-org/shop/.github/workflows/ci.yml@refs/heads/main' },
      'signed by https://github.com/octo-org/shop/.github/workflows/ci.yml',
    ],
    [
      'a workflow of that name elsewhere',
      { job_workflow_ref: 'evil/shop/.github/workflows/cd.yml@refs/heads/main' },
      'signed by https://github.com/evil/shop',
    ],
    ['another issuer', { iss: 'https://gitlab.com' }, 'issued by https://gitlab.com'],
  ])('fails on one from %s', async (_, wrong, reason) => {
    expect(await verdictOf({ claims: wrong })).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining(reason),
    });
  });

  it('fails on one that an authority signed which the default branch does not trust', async () => {
    expect((await verdictOf({ by: stranger })).is).toBe('fail');
  });

  it('fails where the statement was changed after it was signed', async () => {
    const change = (bundle: object) => {
      const changed = structuredClone(bundle) as { dsseEnvelope: { payload: string } };
      const statement = JSON.parse(Buffer.from(changed.dsseEnvelope.payload, 'base64').toString()) as object;
      changed.dsseEnvelope.payload = Buffer.from(
        JSON.stringify({ ...statement, predicate: { x: 1 } }),
      ).toString('base64');
      return changed;
    };
    expect((await verdictOf({ change })).is).toBe('fail');
  });

  it('fails on another type of attestation, which is not even asked for', async () => {
    expect(await verdictOf({ type: 'https://cyclonedx.org/bom' })).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('no attestation'),
    });
  });

  it('is not hidden by a forged one beside it', async () => {
    const forged = await stranger.attest(digest, claims);
    const anybody = world.octokit('octocat', { ...allWrite, attestations: 'write' } as never);
    const good = await sigstore.attest(digest, claims);
    for (const bundle of [good, forged])
      await anybody.request('POST /repos/{owner}/{repo}/attestations', { ...world.at, bundle } as never);
    expect((await judged(digest, gate(), { attestations: 'read', contents: 'read' })).is).toBe('pass');
  });

  it('refuses a self-hosted runner where the policy says so', async () => {
    const own = { runner_environment: 'self-hosted' };
    expect((await verdictOf({ claims: own })).is).toBe('pass');
    expect(await verdictOf({ claims: own }, gate(', self-hosted: false'))).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('self-hosted runner'),
    });
  });

  it('fails without any attestation, without the permission, and without a trusted root', async () => {
    const read = { attestations: 'read', contents: 'read' } as const;
    expect(await judged(`sha256:${'e'.repeat(64)}`, gate(), read)).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('actions/attest'),
    });
    expect(await judged(digest, gate(), { contents: 'read' })).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('attestations: read'),
    });
    world.push({ [rootPath]: 'nothing\n' });
    expect(await judged(digest, gate(), read)).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('gh attestation trusted-root'),
    });
  });
});
