import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { errorReportSchema } from '../../shared/contracts/reports/error-report.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

/** Notes how it was called, and says what the stage has for it. */
const ephemeral = `#!/bin/sh
echo "$*\${TOKEN:+ with a token}" >> "$STAGE/calls"
case "$1" in
  up) cat "$STAGE/prints"; exit "$(cat "$STAGE/ends")" ;;
  down) exit "$(cat "$STAGE/ends")" ;;
  list) cat "$STAGE/list"; exit "$(cat "$STAGE/ends-list")" ;;
esac
`;
const acceptance = `#!/bin/sh\necho "accept $1 \${INPUT_SECRET:-}" >> "$STAGE/calls"\nexit "$(cat "$STAGE/accepts")"\n`;
const login = `runs:
  using: composite
  steps:
    - { shell: bash, run: 'echo "$WHERE" >> "$STAGE/logins"', env: { WHERE: '\${{ inputs.environment }}' } }
inputs: { environment: { required: true } }
`;

describe.each(shapes)('ephemeral-environment.yml as %s', (shape) => {
  let stage: TemplateStage;
  const put = (name: string, text: string) => writeFileSync(join(stage.fixture.root, name), text);
  const lines = (name: string) =>
    readFileSync(join(stage.fixture.root, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '');

  beforeEach(async () => {
    stage = await templateStage(shape, 'ephemeral-environment');
    const { fixture } = stage;
    for (const name of ['calls', 'logins', 'list']) put(name, '');
    for (const name of ['ends', 'ends-list', 'accepts']) put(name, '0');
    put('prints', 'made it\nurl=https://pr-7.preview.test\n::error::not a command\n');
    fixture.commit({
      'deploy/ephemeral': ephemeral,
      'test/acceptance': acceptance,
      '.github/actions/deploy-setup/action.yml': login,
    });
    fixture.git('update-index', '--chmod=+x', 'deploy/ephemeral', 'test/acceptance');
    fixture.git('commit', '-q', '-m', 'Executables');
    fixture.git('checkout', '-q', '--', '.');
  });
  afterEach(() => stage.fixture.close());

  const evil = 'hotfix/$(touch x)';
  interface Pull {
    action: string;
    head?: string;
    labels?: string[];
    label?: string;
    from?: string;
  }
  const pull = ({ action, head = 'feature', labels = [], label, from = 'org/shop' }: Pull) =>
    stage.run({
      run: {
        event: {
          name: 'pull_request',
          ref: 'refs/pull/7/merge',
          payload: {
            action,
            number: 7,
            repository: { default_branch: 'main' },
            ...(label === undefined ? {} : { label: { name: label } }),
            pull_request: {
              number: 7,
              head: { ref: head, repo: { full_name: from } },
              base: { ref: 'main' },
              labels: labels.map((name) => ({ name })),
            },
          },
        },
      },
    });
  const results = (run: RunReport) =>
    Object.fromEntries(
      ['up', 'acceptance', 'down', 'sweep'].map((job) => [
        job,
        (run.jobs[`ephemeral.${job}`] ?? run.jobs[job])?.result,
      ]),
    );
  const ran = (run: RunReport) =>
    Object.entries(results(run)).flatMap(([job, result]) =>
      result === 'skipped' ? [] : [`${job} ${result}`],
    );
  const errors = (run: RunReport) =>
    Object.values(run.jobs).flatMap(({ steps }) =>
      steps.flatMap(({ annotations }) => annotations.map(({ title, message }) => `${title}: ${message}`)),
    );

  it('makes one for a pull request with the label, tests it, and comments its address', async () => {
    const run = await pull({ action: 'labeled', label: 'ephemeral', labels: ['ephemeral'] });
    expect(ran(run)).toEqual(['up success', 'acceptance success']);
    expect(lines('calls')).toEqual(['up pr-7', 'accept https://pr-7.preview.test ']);
    expect(lines('logins')).toEqual(['ephemeral']);
    expect(stage.given('smoke-test')).toMatchObject([{ 'base-url': 'https://pr-7.preview.test' }]);
    expect(stage.given('notify')).toMatchObject([{ report: 'smoke-test.json', comment: 'true' }]);
    expect(errors(run)).toEqual([]);
  });

  it('makes one for a hotfix, whose branch reaches no shell and no name', async () => {
    expect(ran(await pull({ action: 'synchronize', head: evil }))).toEqual([
      'up success',
      'acceptance success',
    ]);
    expect(lines('calls')[0]).toBe('up pr-7');
  });

  it.each([
    ['gets another label', { action: 'labeled', label: 'docs', labels: ['docs', 'ephemeral'] }],
    ['loses another label', { action: 'unlabeled', label: 'docs', labels: ['ephemeral'] }],
    ['is a hotfix and loses its label', { action: 'unlabeled', label: 'ephemeral', head: 'hotfix/x' }],
  ])('stays red for the same commit when its pull request %s', async (_, what) => {
    put('ends', '3');
    expect(ran(await pull(what))).toEqual(['up failure', 'acceptance failure']);
  });

  it.each([
    ['without the label', { action: 'opened' }],
    ['with another label', { action: 'labeled', label: 'docs', labels: ['docs'] }],
    ['of a fork', { action: 'opened', labels: ['ephemeral'], head: 'hotfix/x', from: 'mallory/shop' }],
    ['of a fork, when it ends', { action: 'closed', labels: ['ephemeral'], from: 'mallory/shop' }],
    ['without one, when it ends', { action: 'closed' }],
  ])('does nothing and logs in nowhere for a pull request %s', async (_, what) => {
    const run = await pull(what);
    expect([ran(run), lines('calls'), lines('logins')]).toEqual([[], [], []]);
  });

  it.each([
    ['closed', { action: 'closed', labels: ['ephemeral'] }],
    ['merged as a hotfix', { action: 'closed', head: evil }],
    ['without its label', { action: 'unlabeled', label: 'ephemeral' }],
  ])('removes that of a pull request that is %s', async (_, what) => {
    expect(ran(await pull(what))).toEqual(['down success']);
    expect(lines('calls')).toEqual(['down pr-7']);
  });

  it('is red where it is not made, has no address, fails its smoke test or its acceptance, or is not removed', async () => {
    const labelled = { action: 'opened', labels: ['ephemeral'] };
    put('accepts', '1');
    expect(ran(await pull(labelled))).toEqual(['up success', 'acceptance failure']);
    put('prints', 'url=https://a.test\nurl=https://b.test\n');
    const two = await pull(labelled);
    expect([ran(two), errors(two).join()]).toEqual([
      ['up failure', 'acceptance failure'],
      expect.stringContaining('one line url='),
    ]);
    expect(errors(two).join()).toContain('There is no environment to accept');
    put('prints', 'url=https://a.test\n');
    stage.fail('smoke-test', 'https://a.test');
    expect(ran(await pull(labelled))).toEqual(['up failure', 'acceptance failure']);
    expect(lines('calls').filter((line) => line.startsWith('accept'))).toHaveLength(1);
    expect(stage.given('notify').at(-1)).toMatchObject({ result: 'failure', comment: 'true' });
    put('ends', '3');
    expect(errors(await pull(labelled)).join()).toContain('up pr-7 ended with 3');
    expect(errors(await pull({ ...labelled, action: 'closed' })).join()).toContain('tries again');
  });

  it('holds up no merge queue, and makes and removes nothing for it', async () => {
    const run = await stage.run({
      run: {
        event: {
          name: 'merge_group',
          ref: 'refs/heads/gh-readonly-queue/main/pr-7-x',
          payload: { action: 'checks_requested', repository: { default_branch: 'main' } },
        },
      },
    });
    expect([run.conclusion, Object.values(results(run))]).toEqual(['success', Array(4).fill('skipped')]);
    expect([lines('calls'), lines('logins')]).toEqual([[], []]);
  });

  describe('the schedule', () => {
    const ago = (hours: number) =>
      new Date(Date.now() - hours * 3_600_000).toISOString().replace(/\.\d+Z/, 'Z');
    const list = (...all: string[]) => put('list', all.map((line) => `${line}\n`).join(''));
    const sweep = (given: Record<string, string> = {}) =>
      stage.run({
        with: given,
        run: {
          event: { name: 'schedule', payload: { schedule: '41 * * * *' } },
          secrets: { SLACK_WEBHOOK: 'https://hooks.test/slack' },
        },
      });
    beforeEach(() => {
      for (const [number, state] of [
        [1, 'closed'],
        [2, 'open'],
        [3, 'open'],
      ] as const)
        stage.fixture.control.pulls.set(number, state);
    });

    it('removes what is closed or too old, leaves the rest, and shows the token to nobody', async () => {
      list(`pr-1 ${ago(1)}`, `pr-2 ${ago(71)}`, `pr-3 ${ago(73)}`);
      const run = await sweep();
      expect([ran(run), errors(run)]).toEqual([['sweep success'], []]);
      expect(lines('calls')).toEqual(['list', 'down pr-1', 'down pr-3']);
      expect(stage.given('notify')).toMatchObject([{ result: 'success', issue: 'true' }]);
      expect(stage.given('notify')[0]!['slack-webhook']).toBe('');
    });

    it('removes that of an open pull request that asks for none any more, and is red for one made in the future', async () => {
      stage.fixture.control.asks.set(2, { labels: ['docs'], head: 'feature' });
      stage.fixture.control.asks.set(3, { labels: [], head: 'hotfix/x' });
      list(`pr-2 ${ago(1)}`, `pr-3 ${ago(1)}`, `pr-1 ${ago(-100)}`);
      const run = await sweep();
      expect([ran(run), lines('calls')]).toEqual([['sweep failure'], ['list', 'down pr-2']]);
      expect(errors(run).join()).toContain('pr-1 is left: It says that it was made at');
    });

    it('leaves what it does not know and is red, and removes the others all the same', async () => {
      list(
        'pr-1; rm -rf / ' + ago(1),
        'production ' + ago(900),
        'pr-2',
        `pr-99 ${ago(900)}`,
        `pr-1 ${ago(1)}`,
      );
      const run = await sweep();
      expect(ran(run)).toEqual(['sweep failure']);
      expect(lines('calls')).toEqual(['list', 'down pr-1']);
      expect(errors(run).join()).toContain('pr-99 is left: GitHub does not say');
      expect(stage.given('notify')).toMatchObject([
        { result: 'failure', issue: 'true', 'slack-webhook': 'https://hooks.test/slack' },
      ]);
      const report = errorReportSchema.parse(
        JSON.parse(readFileSync(stage.given('notify')[0]!['report']!, 'utf8')),
      );
      expect(report.message).toContain('pr-99 is left');
    });

    it('is red where one is not removed, the list cannot be had, or the hours are none', async () => {
      list(`pr-1 ${ago(1)}`);
      put('ends', '4');
      expect(errors(await sweep()).join()).toContain(
        'its pull request is closed, and deploy/ephemeral down failed',
      );
      put('ends-list', '1');
      list();
      expect(errors(await sweep()).join()).toContain('nobody knows what is left');
      expect(errors(await sweep({ 'ttl-hours': 'soon' })).join()).toContain('no number of hours');
    });
  });
});
