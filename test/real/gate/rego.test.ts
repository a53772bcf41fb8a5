import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rego } from '../../../actions/gate-check/evidence/rules/rego.js';
import { now, request } from '../../actions/gate-check/facts.js';
import {
  cdPath,
  gatePermissions,
  gateStage,
  policyPath,
  type GateStage,
} from '../../actions/gate-check/stage.js';
import { goodRelease, type Values } from '../../actions/gate-check/whole-world.js';

const path = process.env['PATH'];
beforeAll(() => {
  const opa = execFileSync('bash', ['scripts/install/opa.sh', '--path'], { encoding: 'utf8' }).trim();
  process.env['PATH'] = `${dirname(opa)}:${path}`;
});
afterAll(() => {
  process.env['PATH'] = path;
});

/** What a module says of the release, by the file's one rule `allow`. */
async function ask(body: string, values: Partial<Values> = {}) {
  const module = `package release\n${body}\n`;
  const known: Partial<Record<string, unknown>> = { ...goodRelease, ...values };
  const sources = {
    request,
    now,
    signal: new AbortController().signal,
    once: async () => ({ text: module, commit: request.policy.commit, branch: 'main' }),
    valueOf: async ({ kind }: { kind: string }) => known[kind],
  };
  const allow = 'data.release.allow';
  const reasons = body.includes('reasons') ? 'data.release.reasons' : undefined;
  const asked = { name: 'x', file: 'release.rego', allow, reasons, sees: ['changes', 'comparison'] as const };
  const [answer] = await rego.collect([[asked]], sources as never);
  return answer;
}

describe('a rule of Rego', () => {
  it('is true or false, and gives its reasons', async () => {
    const small = `
      default allow := false
      allow if count(reasons) == 0
      reasons contains sprintf("%d files", [count(input.evidence.changes.files)]) if count(input.evidence.changes.files) > 1`;
    expect(await ask(small)).toEqual({ name: 'x', is: 'held', value: true });
    const [file] = goodRelease.changes.files;
    const changes = { ...goodRelease.changes, files: [file!, { ...file!, path: 'other' }] };
    expect(await ask(small, { changes })).toEqual({
      name: 'x',
      is: 'held',
      value: false,
      reasons: ['2 files'],
    });
  });

  it.each([
    ['sees a commit ahead of what is live', 'allow if input.evidence.comparison.live.status == "ahead"'],
    ['sees the instant', 'allow if time.parse_rfc3339_ns(input.now) > 0'],
    ['sees a field that only some have', 'allow if every f in input.evidence.changes.files { not f.was }'],
  ])('%s', async (_, body) => {
    expect(await ask(body)).toEqual({ name: 'x', is: 'held', value: true });
  });

  it.each([
    ['a field that does not exist', 'allow if count(input.evidence.changes.filez) < 3', 'undefined ref'],
    [
      'it in what denies',
      'default allow := true\nallow := false if input.evidence.changes.filez',
      'undefined ref',
    ],
    ['evidence it did not ask for', 'allow if input.evidence.tags', 'undefined ref'],
    [
      'a field of a list',
      'allow if { some f in input.evidence.changes.files; f.wass == "x" }',
      'undefined ref',
    ],
    ['no truth', 'allow := 3', 'neither true nor false'],
    ['nothing', 'allow if input.release.kind == "x"', 'is undefined'],
    [
      'the network',
      'allow if http.send({"method": "get", "url": "http://127.0.0.1"})',
      'undefined function http.send',
    ],
    ['addresses', 'allow if net.lookup_ip_addr("localhost")', 'undefined function net.lookup_ip_addr'],
    ['the environment', 'allow if opa.runtime().env.PATH', 'undefined function opa.runtime'],
    ['the clock', 'allow if time.now_ns() > 0', 'undefined function time.now_ns'],
    ['chance', 'allow if rand.intn("x", 2) == 1', 'undefined function rand.intn'],
    ['no grammar', 'allow if {', 'unexpected eof'],
    ['an error of a function', 'allow if to_number("x") == 1', 'to_number'],
  ])('of %s has no truth, and says why', async (_, body, reason) => {
    expect(await ask(body)).toMatchObject({ is: 'error', reason: expect.stringContaining(reason) });
  });
});

describe('rego as a step', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  it('Soften a rule of Rego on the release branch: not read, and nothing passes without permission', async () => {
    const rules = '.github/policies/release.rego';
    const gate = `rego: [{ name: no infrastructure, file: ${rules}, sees: [changes] }]`;
    const live = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${gate} } } }\n`,
      [rules]: `package release
        default allow := false
        allow if every f in input.evidence.changes.files { not startswith(f.path, "infra/") }`,
    });
    const firstRun = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId: firstRun });
    world.git('checkout', '-q', '-b', 'release');
    const code = world.push({ 'app.txt': 'two' });
    const soft = world.push({ [rules]: 'package release\nallow := true\n', 'infra/main.tf': '# more' });
    world.git('checkout', '-q', 'main');
    const check = (sha: string, permissions = gatePermissions) =>
      world.check({ service: 'shop', sha, runId: world.ran({ sha, path: cdPath }), permissions });
    expect(await check(code)).toMatchObject({ result: 'pass' });
    expect(await check(soft)).toMatchObject({
      result: 'fail',
      gates: { rego: { reason: 'no infrastructure: does not hold' } },
    });
    const { pull_requests: _, ...without } = gatePermissions;
    expect((await check(code, without as typeof gatePermissions)).gates['rego']!.reason).toContain(
      'pull-requests: read',
    );
  });
});
