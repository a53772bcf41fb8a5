import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

const gates = `
  documented: [{ changes: ['src/**'], docs: ['docs/**'] }]
  cel: [{ name: no infrastructure, sees: [changes], expression: "!evidence.changes.files.exists(f, f.path.startsWith('zz-infra/'))" }]
`;
const policy = `version: 1\nenvironments:\n  production:\n    gates:${gates.replaceAll('\n', '\n    ')}`;

describe('Hide a change behind the 300th file, or a commit behind the last page', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({ [policyPath]: policy });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });
  const check = (sha: string) =>
    world.check({ service: 'shop', sha, runId: world.ran({ sha, path: cdPath }) });
  const files = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [`a/${String(at).padStart(4, '0')}.txt`, 'x']),
    );

  it('hides nothing: a change behind the 300th file does not pass unseen', async () => {
    const hidden = world.push({ ...files(300), 'zz-infra/main.tf': '# all open' });
    const { result, gates } = await check(hidden);
    expect(result).toBe('fail');
    expect(gates['cel']!.reason).toContain('only in part');
    expect(gates['documented']!.result).toBe('fail');
  });

  it('does not list a thousand commits and pass by those', async () => {
    const before = world.git('rev-parse', 'HEAD');
    const last = world.chain(world.git('rev-parse', 'HEAD^{tree}'), before, 1_001);
    world.git('update-ref', 'refs/heads/main', last);
    const { result, gates } = await check(last);
    expect(result).toBe('fail');
    expect(gates['documented']!.reason).toContain('commits lie between');
    world.git('update-ref', 'refs/heads/main', before);
  });

  it('is whole below that, and judged', async () => {
    world.git('reset', '-q', '--hard', 'HEAD~1');
    expect(await check(world.push(files(299)))).toMatchObject({ result: 'pass' });
  });
});
