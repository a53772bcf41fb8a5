import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ciPath, policyPath } from '../../stage.js';
import { policyOf, pullStage } from './pull-stage.js';

const stage = pullStage();
const hour = 3_600_000;

describe("Open a pull request into a branch of one's own, whose workflow tests nothing", () => {
  beforeAll(() => void stage.world.push({ [policyPath]: policyOf(', on: pull-request') }));
  afterEach(() => stage.world.server.control.setClock({ offsetMs: 0 }));

  /** A pull request into main that was never tested, and one from the same branch into a branch of the attacker. */
  function attack() {
    const { name, head } = stage.branch();
    const evil = `soft-${name}`;
    stage.world.git('checkout', '-q', '-b', evil, 'main');
    stage.world.push({ [ciPath]: 'on: pull_request # tests nothing' });
    stage.world.git('checkout', '-q', 'main');
    return { name, head, evil };
  }

  it('does not count a run while another pull request of the branch went there', async () => {
    const { name, head, evil } = attack();
    const number = await stage.open(name);
    const other = await stage.open(name, evil);
    stage.tested(head, name);
    await stage.close(other);
    const sha = await stage.merge(number);
    const { result, reason } = await stage.ask(sha);
    expect(result).toBe('fail');
    expect(reason).toContain(`#${other} was open from the same branch into ${evil}`);
  });

  it('does not count a run from before the pull request itself was sent into main', async () => {
    const { name, head, evil } = attack();
    const number = await stage.open(name, evil);
    stage.tested(head, name);
    stage.world.server.control.setClock({ offsetMs: 2 * hour });
    stage.world.server.control.retargetPull({ owner: 'acme', name: 'shop', number, base: 'main' });
    const sha = await stage.merge(number);
    expect((await stage.ask(sha)).reason).toContain('went into another branch');
    stage.world.server.control.setClock({ offsetMs: 4 * hour });
    stage.tested(head, name);
    expect((await stage.ask(sha)).result).toBe('pass');
  });

  it('does not count a run for another branch on the same commit', async () => {
    const { name, head, evil } = attack();
    stage.world.git('branch', `${name}-twin`, head);
    const number = await stage.open(name);
    const other = await stage.open(`${name}-twin`, evil);
    stage.tested(head, `${name}-twin`);
    await stage.close(other);
    const sha = await stage.merge(number);
    expect((await stage.ask(sha)).reason).toContain(`it did not run for the branch of #${number}`);
  });

  it('counts a run long after the other one was closed', async () => {
    const { name, head, evil } = attack();
    const other = await stage.open(name, evil);
    await stage.close(other);
    stage.world.server.control.setClock({ offsetMs: 2 * hour });
    const number = await stage.open(name);
    stage.tested(head, name);
    expect((await stage.ask(await stage.merge(number))).result).toBe('pass');
  });

  it('is not what tests the commit itself, unless the policy says so', async () => {
    stage.world.push({ [policyPath]: policyOf('') });
    try {
      const { name, head, evil } = attack();
      await stage.open(name, evil);
      stage.tested(head, name);
      const { result, reason } = await stage.ask(head);
      expect(result).toBe('fail');
      expect(reason).toContain('it ran there for pull_request, which does not count');
      stage.world.push({ [policyPath]: policyOf(', events: [push, pull_request]') });
      expect((await stage.ask(head)).result).toBe('pass');
    } finally {
      stage.world.git('checkout', '-q', 'main');
      stage.world.push({ [policyPath]: policyOf(', on: pull-request') });
    }
  });
});
