import { describe, expect, it } from '@jest/globals';
import { whyNotStarted } from '../../../../rehearsal/runner/plan/events/event-filter.js';
import { readWorkflow } from '../../../../rehearsal/runner/read/workflow-file.js';

const read = (on: string) =>
  readWorkflow('w.yml', `on: ${on}\njobs: { a: { runs-on: x, steps: [{ run: a }] } }`);

/** Why the event does not start a workflow with this `on`. */
const why = (
  on: string,
  name: string,
  event: { ref?: string; payload?: unknown; changed?: string[] } = {},
) => {
  const { ref = 'refs/heads/main', payload = {}, changed } = event;
  return whyNotStarted(read(on), { name, ref, sha: 'a', actor: 'ana', payload }, () =>
    changed === undefined ? Promise.reject(new Error('nobody should ask')) : Promise.resolve(changed),
  );
};
const pull = (action: string, base = 'main', more: object = {}) => ({
  payload: { action, pull_request: { base: { ref: base }, ...more } },
});

describe('a push', () => {
  it.each([
    ['push', 'refs/heads/topic'],
    ['push', 'refs/tags/v1'],
    ['{ push: { branches: [main] } }', 'refs/heads/main'],
    ['{ push: { branches: "release/**" } }', 'refs/heads/release/1/2'],
    ['{ push: { branches-ignore: [topic] } }', 'refs/heads/main'],
    ['{ push: { tags: ["v*"] } }', 'refs/tags/v1'],
    ['{ push: { branches: [main], tags: ["v*"] } }', 'refs/tags/v1'],
    ['{ push: { tags-ignore: ["v*"] } }', 'refs/tags/w1'],
  ])('%s starts for %s', async (on, ref) => {
    expect(await why(on, 'push', { ref })).toBeUndefined();
  });

  it.each([
    ['{ push: { branches: [main] } }', 'refs/heads/topic', "branch 'topic' is not in branches: main"],
    ['{ push: { branches-ignore: [main] } }', 'refs/heads/main', "branch 'main' is in branches-ignore: main"],
    ['{ push: { branches: ["**", "!main"] } }', 'refs/heads/main', "branch 'main' is not in branches"],
    ['{ push: { branches: [main] } }', 'refs/tags/main', "only pushes of branches start it, 'main' is none"],
    ['{ push: { tags: ["v*"] } }', 'refs/heads/v1', "only pushes of tags start it, 'v1' is none"],
    ['{ push: { tags-ignore: ["v*"] } }', 'refs/tags/v1', "tag 'v1' is in tags-ignore"],
    [
      'workflow_dispatch',
      'refs/heads/main',
      "event 'push' does not start this workflow; `on` has workflow_dispatch",
    ],
  ])('%s does not start for %s', async (on, ref, reason) => {
    expect(await why(on, 'push', { ref })).toContain(reason);
  });

  it.each([
    ['paths: ["src/**"]', ['docs/a.md', 'src/a.ts'], true],
    ['paths: ["src/**"]', ['docs/a.md'], false],
    ['paths: ["src/**", "!src/**.md"]', ['src/a.md'], false],
    ['paths: ["src/**", "!src/**.md"]', ['src/a.md', 'src/a.ts'], true],
    ['paths-ignore: ["docs/**"]', ['docs/a.md', 'docs/b.md'], false],
    ['paths-ignore: ["docs/**"]', ['docs/a.md', 'src/a.ts'], true],
    ['paths: ["**"]', [], false],
  ])('with %s and the changes %j: %s', async (filter, changed, starts) => {
    expect((await why(`{ push: { ${filter} } }`, 'push', { changed })) === undefined).toBe(starts);
  });

  it('has to satisfy branches and paths, and of a tag the paths are not asked', async () => {
    const on = '{ push: { branches: [main], tags: ["**"], paths: ["src/**"] } }';
    expect(await why(on, 'push', { changed: ['docs/a.md'] })).toContain('none of the 1 changed files');
    expect(await why(on, 'push', { ref: 'refs/heads/topic' })).toContain('not in branches');
    expect(await why(on, 'push', { ref: 'refs/tags/v1' })).toBeUndefined();
  });
});

describe('a pull request', () => {
  it.each([
    ['pull_request', 'opened', undefined],
    ['pull_request', 'synchronize', undefined],
    ['pull_request', 'closed', "type 'closed' is not in types: opened, synchronize, reopened"],
    ['pull_request', 'labeled', "type 'labeled' is not in types"],
    ['{ pull_request: { types: [closed] } }', 'closed', undefined],
    ['{ pull_request: { types: [closed] } }', 'opened', "type 'opened' is not in types: closed"],
    ['{ pull_request: { branches: [main] } }', 'opened', undefined],
    ['{ pull_request: { branches: [develop] } }', 'opened', "base branch 'main' is not in branches: develop"],
  ])('%s on %s: %s', async (on, action, reason) => {
    const found = await why(on, 'pull_request', pull(action));
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });

  it('with a merge conflict starts nothing, not even for closed: clean-ups need a sweeper', async () => {
    const conflict = pull('closed', 'main', { mergeable: false });
    expect(await why('{ pull_request: { types: [closed] } }', 'pull_request', conflict)).toContain(
      'the pull request has a merge conflict',
    );
  });

  it('is asked for its paths after everything else', async () => {
    const on = '{ pull_request: { paths: ["src/**"] } }';
    expect(await why(on, 'pull_request', { ...pull('opened'), changed: ['docs/a'] })).toContain(
      'changed files',
    );
    expect(await why(on, 'pull_request', pull('closed'))).toContain('not in types');
  });
});

describe('other events', () => {
  it.each([
    ['merge_group', 'merge_group', { action: 'checks_requested' }, undefined],
    ['pull_request', 'merge_group', { action: 'checks_requested' }, "event 'merge_group' does not start"],
    [
      '{ repository_dispatch: { types: [alert_fired] } }',
      'repository_dispatch',
      { action: 'alert_fired' },
      undefined,
    ],
    [
      '{ repository_dispatch: { types: [alert_fired] } }',
      'repository_dispatch',
      { action: 'deploy' },
      "type 'deploy'",
    ],
    ['repository_dispatch', 'repository_dispatch', { action: 'anything' }, undefined],
    ['deployment_status', 'deployment_status', { action: 'created' }, undefined],
    ['{ schedule: [{ cron: "5 4 * * *" }] }', 'schedule', { schedule: '5 4 * * *' }, undefined],
    [
      '{ schedule: [{ cron: "5 4 * * *" }] }',
      'schedule',
      { schedule: '0 0 * * *' },
      'is not in schedule: 5 4 * * *',
    ],
    ['{ schedule: [{ cron: "5 4 * * *" }] }', 'schedule', {}, 'is not in schedule'],
    [
      '{ workflow_run: { workflows: [CI], types: [completed] } }',
      'workflow_run',
      { action: 'completed', workflow_run: { name: 'CI', head_branch: 'main' } },
      undefined,
    ],
    [
      '{ workflow_run: { workflows: [CI] } }',
      'workflow_run',
      { action: 'completed', workflow_run: { name: 'CD' } },
      "'CD' is not in workflows: CI",
    ],
    [
      '{ workflow_run: { workflows: [CI], branches: [main] } }',
      'workflow_run',
      { workflow_run: { name: 'CI', head_branch: 'topic' } },
      "branch 'topic' is not in branches",
    ],
  ])('%s and %s with %j: %s', async (on, name, payload, reason) => {
    const found = await why(on, name, { payload });
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });

  it('a schedule runs on the default branch alone', async () => {
    const payload = { schedule: '5 4 * * *', repository: { default_branch: 'main' } };
    const on = '{ schedule: [{ cron: "5 4 * * *" }] }';
    expect(await why(on, 'schedule', { payload })).toBeUndefined();
    expect(await why(on, 'schedule', { payload, ref: 'refs/heads/topic' })).toBe(
      "a schedule runs on 'main' alone",
    );
  });
});

describe('`on`', () => {
  it.each([
    ['{ psuh: null }', 'on.psuh: this runner does not know the event'],
    ['{ push: { types: [a] } }', 'on.push.types: this runner does not know the key'],
    ['{ push: { branch: main } }', 'on.push.branch: this runner does not know the key'],
    ['{ merge_group: { branches: [main] } }', 'on.merge_group.branches: this runner does not know the key'],
    ['{ pull_request: { types: [merged] } }', "there is no type 'merged'; there are assigned"],
    ['{ merge_group: { types: [destroyed] } }', "there is no type 'destroyed'; there are checks_requested"],
    ['{ push: { branches: [a], branches-ignore: [b] } }', 'branches and branches-ignore cannot be combined'],
    ['{ push: { paths: ["!docs/**"] } }', 'has only patterns with !'],
    ['{ push: { branches: [] } }', 'on.push.branches'],
    ['{ schedule: { cron: "5 4 * * *" } }', 'a list of {cron: …} was expected'],
    ['{ schedule: [{ cron: "5 4 * *" }] }', 'has 4 fields, 5 were expected'],
    ['{ schedule: [{ cron: "@daily" }] }', 'has 1 fields'],
    ['{ schedule: [{ cron: "60 4 * * *" }] }', "'60' is not a minute: 0 to 59"],
    ['{ schedule: [{ cron: "5 4 0 * *" }] }', "'0' is not a day of the month"],
    ['{ schedule: [{ cron: "5 4 * 13 *" }] }', "'13' is not a month"],
    ['{ schedule: [{ cron: "5 4 * * 7" }] }', "'7' is not a day of the week: 0 to 6"],
    ['{ schedule: [{ cron: "*/0 * * * *" }] }', "'*/0' is not a minute"],
    ['{ schedule: [{ cron: "30-10 * * * *" }] }', "'30-10' is not a minute"],
  ])('%s is refused', (on, message) => {
    expect(() => read(on)).toThrow(message);
    expect(() => read(on)).toThrow(/^w\.yml:1: /);
  });

  it.each(['*/5 * * * *', '0 0 1,15 * MON-FRI', '5 4-6 * JAN,feb sun', '0-30/10 */2 * * 0'])(
    'takes the cron line %s',
    (cron) => {
      expect(read(`{ schedule: [{ cron: "${cron}" }] }`).events['schedule']?.crons).toEqual([cron]);
    },
  );
});
