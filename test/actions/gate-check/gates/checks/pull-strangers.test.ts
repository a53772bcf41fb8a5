import { beforeAll, describe, expect, it } from '@jest/globals';
import { policyPath } from '../../stage.js';
import { policyOf, pullStage } from './pull-stage.js';

const stage = pullStage();

describe('A pull request of a stranger with the same last commit', () => {
  beforeAll(() => {
    stage.world.git('branch', 'elsewhere');
    stage.world.push({ [policyPath]: policyOf(', on: pull-request') });
  });

  /** Another branch on the commit of one. */
  const twin = (head: string) => {
    const name = `evil-${head.slice(0, 8)}`;
    stage.world.git('branch', name, head);
    return name;
  };

  it('does not block while both are open into the same branch, and the verdict says why', async () => {
    const { name, head } = stage.branch();
    const number = await stage.open(name);
    const other = await stage.open(twin(head));
    stage.tested(head, name);
    const { result, notes } = await stage.ask(head);
    expect(result).toBe('pass');
    expect(notes).toContainEqual(
      `not counted: #${other} (open, into main) has this commit too, and #${number} (open, into main) brought it`,
    );
  });

  it('does not block where it goes into another branch', async () => {
    const { name, head } = stage.branch();
    const other = await stage.open(twin(head), 'elsewhere');
    const number = await stage.open(name);
    stage.tested(head, name);
    const { result, notes } = await stage.ask(head);
    expect(result).toBe('pass');
    expect(notes.join()).toContain(`#${other} (open, into elsewhere) has this commit too, and #${number}`);
  });

  it('does not pass where the one into the right branch failed', async () => {
    const { name, head } = stage.branch();
    await stage.open(name);
    await stage.open(twin(head), 'elsewhere');
    stage.tested(head, name, 'failure');
    stage.tested(head, `evil-${head.slice(0, 8)}`);
    expect((await stage.ask(head)).result).toBe('fail');
  });

  it('neither passes nor blocks by runs of forks on the commit, however many are newer', async () => {
    const { name, head } = stage.branch();
    const number = await stage.open(name);
    const fork = (conclusion: string) =>
      stage.world.ran({ sha: head, event: 'pull_request', branch: name, conclusion, fork: 'mallory/shop' });
    fork('success');
    expect((await stage.ask(head)).reason).toContain(`did not run for the branch of #${number}`);
    stage.tested(head, name);
    for (let times = 0; times < 7; times++) fork('failure');
    expect((await stage.ask(head)).result).toBe('pass');
    stage.tested(head, name, 'failure');
    for (let times = 0; times < 7; times++) fork('success');
    expect((await stage.ask(head)).result).toBe('fail');
  });
});
