import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { gitleaks } from '../support/infrastructure-tools.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

const ephemeral = `#!/bin/sh\necho "$*" >> "$STAGE/calls"\ncat "$STAGE/prints"\nexit "$(cat "$STAGE/ends")"\n`;
const acceptance = `#!/bin/sh\necho "accept $1" >> "$STAGE/calls"\nexit "$(cat "$STAGE/accepts")"\n`;

describe.each(shapes)('hotfix.yml as %s', (shape) => {
  let stage: TemplateStage;
  let path: string;
  const put = (name: string, text: string) => writeFileSync(join(stage.fixture.root, name), text);
  const calls = () => readFileSync(join(stage.fixture.root, 'calls'), 'utf8').split('\n').filter(Boolean);

  beforeEach(async () => {
    stage = await templateStage(shape, 'hotfix');
    for (const name of ['ends', 'accepts']) put(name, '0');
    put('calls', '');
    // What a scanner finds is judged by scan-report: here they start, and end.
    const bin = join(stage.fixture.root, 'bin');
    mkdirSync(bin);
    const tools = { go: `#!/bin/sh\necho ${bin}/go-path\n`, pipx: '#!/bin/sh\n' };
    for (const [name, text] of Object.entries(tools)) writeFileSync(join(bin, name), text, { mode: 0o755 });
    mkdirSync(join(bin, 'go-path/bin'), { recursive: true });
    writeFileSync(join(bin, 'go-path/bin/gitleaks'), gitleaks, { mode: 0o755 });
    path = `${bin}:${process.env['PATH']}`;
    put('prints', 'url=https://pr-7.preview.test\n');
    stage.give('hotfix-check', 'evidence', { result: 'proved' });
    stage.give('gate-check', 'undefined', { result: 'pass' });
    stage.give('scan-report', 'undefined', { result: 'clean' });
    stage.fixture.commit({ 'deploy/ephemeral': ephemeral, 'test/acceptance': acceptance });
    stage.fixture.git('update-index', '--chmod=+x', 'deploy/ephemeral', 'test/acceptance');
    stage.fixture.git('commit', '-q', '-m', 'Executables');
    stage.fixture.git('checkout', '-q', '--', '.');
  });
  afterEach(() => stage.fixture.close());

  const pull = (head: string, from = 'org/shop', more: Record<string, string> = {}) =>
    stage.run({
      with: { python: '', 'python-code': '', node: '', 'dependency-review': 'false', ...more },
      run: {
        path,
        event: {
          name: 'pull_request',
          ref: 'refs/pull/7/merge',
          payload: {
            action: 'opened',
            number: 7,
            repository: { default_branch: 'main' },
            pull_request: {
              number: 7,
              body: 'Evidence: $(touch x)',
              head: { ref: head, sha: 'a'.repeat(40), repo: { full_name: from } },
              base: { ref: 'main' },
              labels: [],
            },
          },
        },
      },
    });
  const job = (run: RunReport, name: string) =>
    Object.values(run.jobs).find((one) => one.name === name || one.name.endsWith(` / ${name}`));
  const required = (run: RunReport) => job(run, 'Hotfix required')!;
  const why = (run: RunReport) =>
    required(run)
      .steps.flatMap(({ annotations }) => annotations.map(({ message }) => message))
      .join();

  it('proves one, whose branch and description reach no shell', async () => {
    const run = await pull('hotfix/$(touch x)');
    expect([required(run).result, why(run)]).toEqual(['success', '']);
    expect(calls()).toEqual(['up pr-7', 'accept https://pr-7.preview.test']);
    expect(stage.given('hotfix-check')).toMatchObject([
      { mode: 'evidence', 'pull-request': '7', service: 'shop' },
      { mode: 'minutes', 'target-minutes': '35' },
    ]);
    expect(stage.given('gate-check')).toMatchObject([
      { environment: 'production', kind: 'hotfix', 'pull-request': '7', sha: 'a'.repeat(40) },
    ]);
    expect(stage.given('scan-report')).toHaveLength(1);
  });

  it('is green at once for another pull request, of a fork too, and in the merge queue', async () => {
    const queue = stage.run({
      run: {
        path,
        event: {
          name: 'merge_group',
          ref: 'refs/heads/gh-readonly-queue/main/pr-7',
          payload: { action: 'checks_requested' },
        },
      },
    });
    for (const run of [await pull('feature'), await pull('feature', 'mallory/shop'), await queue])
      expect([required(run).result, why(run)]).toEqual(['success', '']);
    expect([calls(), stage.given('hotfix-check'), stage.given('scan-report')]).toEqual([[], [], []]);
  });

  it('is red for a hotfix of a fork, where nothing runs, and tells why', async () => {
    const run = await pull('hotfix/cart', 'mallory/shop');
    expect([required(run).result, why(run)]).toEqual([
      'failure',
      expect.stringContaining('push hotfix/… to this repository'),
    ]);
    expect([calls(), stage.given('hotfix-check'), stage.given('smoke-test')]).toEqual([[], [], []]);
  });

  it.each<[string, () => void]>([
    ['its evidence does not count', () => stage.fail('hotfix-check', 'evidence')],
    ['nobody judged its evidence', () => stage.give('hotfix-check', 'evidence', { result: '' })],
    ['the gate would refuse it after the merge', () => stage.fail('gate-check', 'production')],
    ['the gate did not say', () => stage.give('gate-check', 'undefined', { result: '' })],
    ['a scanner found something', () => stage.fail('scan-report', 'high')],
    ['nobody judged the scanners', () => stage.give('scan-report', 'undefined', { result: 'blind' })],
    ['its environment is not made', () => put('ends', '3')],
    ['its environment does not answer', () => stage.fail('smoke-test', 'https://pr-7.preview.test')],
    ['its acceptance fails', () => put('accepts', '1')],
  ])('is red where %s', async (_, spoil) => {
    spoil();
    const run = await pull('hotfix/cart');
    expect([required(run).result, why(run)]).toEqual([
      'failure',
      expect.stringContaining('it is not proved'),
    ]);
  });

  it('asks for no limits where there is no policy', async () => {
    stage.fail('gate-check', 'production');
    expect(required(await pull('hotfix/cart', 'org/shop', { production: '' })).result).toBe('success');
    expect(stage.given('gate-check')).toEqual([]);
  });

  it('is no slower for minutes that nobody could read: they decide nothing', async () => {
    stage.fail('hotfix-check', 'minutes');
    expect(required(await pull('hotfix/cart')).result).toBe('success');
  });
});
