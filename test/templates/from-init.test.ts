import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { testShell } from '../cli/terminal.js';
import { gitleaks, login, openssl, pipx, tool } from '../support/infrastructure-tools.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

const parts = 'hotfix,incident-response,release-candidate,infrastructure,migrations';

describe.each(shapes)('what init wrote alone, as %s, starts', (shape) => {
  let stage: TemplateStage;
  let bin: string;
  const at = (path: string) => join(stage.fixture.repository, path);
  const scratch = (name: string) => join(stage.fixture.root, name);
  const lines = (name: string) => readFileSync(scratch(name), 'utf8').split('\n').filter(Boolean);
  const write = (path: string, text: string, mode = 0o644) => {
    writeFileSync(path, text);
    chmodSync(path, mode);
  };

  // Once for all: what a story changes, the next ones do not read.
  beforeAll(async () => {
    stage = await templateStage('caller', 'cd');
    const shell = testShell(stage.fixture.repository);
    const code = await dispatch(
      [
        ...['init', '--yes', '--suite', 'org/devops-actions', '--ref', 'a'.repeat(40), '--version', 'v1.4.0'],
        ...['--repository', 'org/shop', '--service', 'shop', '--place', 'vm', '--router', 'nginx'],
        ...['--owners', '@org/release', '--with', parts, '--terraform', 'infra', '--notify', 'slack'],
        ...['--shape', shape === 'caller' ? 'caller' : 'inline'],
        ...['--set', 'hotfix.dependency-review=false'],
      ],
      shell,
    );
    expect([code, shell.errors]).toEqual([0, []]);
    bin = scratch('bin');
    mkdirSync(join(bin, 'go-path/bin'), { recursive: true });
    // What a tool finds is judged by others: here they start, and end.
    const tools = { terraform: tool, openssl, pipx, go: `#!/bin/sh\necho ${bin}/go-path\n` };
    for (const [name, text] of Object.entries(tools)) write(join(bin, name), text, 0o755);
    write(join(bin, 'go-path/bin/gitleaks'), gitleaks, 0o755);
    for (const [name, text] of Object.entries({ 'plan-ends': '2', 'plan-says': '', unformed: '', calls: '' }))
      write(scratch(name), text);
  });
  afterAll(() => stage.fixture.close());

  /** Commits what is there, and starts one of the workflows that init wrote. */
  const start = (name: string, event: object, more: object = {}) =>
    stage.fixture.run('', {
      workflow: `.github/workflows/${name}.yml`,
      event: { sha: stage.fixture.commit({}), ref: 'refs/heads/main', ...event },
      played: stage.played,
      machineEnvironment: { STAGE: stage.fixture.root },
      path: `${bin}:${process.env['PATH']}`,
      secrets: { SLACK_WEBHOOK: 'https://hooks.test/slack' },
      ...more,
    });
  const pull = (head: string) => ({
    name: 'pull_request',
    ref: 'refs/pull/7/merge',
    payload: {
      action: 'opened',
      number: 7,
      repository: { default_branch: 'main' },
      pull_request: {
        number: 7,
        head: { ref: head, repo: { full_name: 'org/shop' } },
        base: { ref: 'main' },
        labels: [],
      },
    },
  });
  const byHand = (inputs: Record<string, string>) => ({ name: 'workflow_dispatch', inputs });
  const job = (run: RunReport, name: string) =>
    Object.values(run.jobs).find((one) => one.name === name || one.name.endsWith(` / ${name}`));
  const errors = (run: RunReport) =>
    Object.values(run.jobs)
      .flatMap(({ steps }) => steps.flatMap(({ annotations }) => annotations.map(({ message }) => message)))
      .join('\n');

  it('the pull request of a hotfix, which is red until the team wrote what makes its environment', async () => {
    stage.give('hotfix-check', 'evidence', { result: 'proved' });
    stage.give('gate-check', 'undefined', { result: 'pass' });
    stage.give('scan-report', 'undefined', { result: 'clean' });
    const before = await start('hotfix', pull('hotfix/cart'));
    expect([job(before, 'Hotfix required')!.result, errors(before)]).toEqual([
      'failure',
      expect.stringContaining('up pr-7 ended with 1'),
    ]);
    write(
      at('deploy/ephemeral'),
      '#!/bin/sh\necho "$*" >> "$STAGE/calls"\necho url=https://pr-7.test\n',
      0o755,
    );
    write(at('test/acceptance'), '#!/bin/sh\necho "accept $1" >> "$STAGE/calls"\n', 0o755);
    const after = await start('hotfix', pull('hotfix/cart'));
    expect([job(after, 'Hotfix required')!.result, lines('calls')]).toEqual([
      'success',
      ['up pr-7', 'accept https://pr-7.test'],
    ]);
  });

  it('an incident by hand', async () => {
    stage.give('incident', 'open', { hooks: '[]', number: '7' });
    const run = await start(
      'incident-response',
      byHand({ mode: 'open', title: 'down', severity: 'high', service: 'shop', environment: 'production' }),
    );
    expect(run.conclusion).toBe('success');
    expect(stage.given('incident')).toMatchObject([
      { mode: 'open', title: 'down', service: 'shop', environment: 'production' },
    ]);
    expect(stage.given('notify').at(-1)).toMatchObject({ 'slack-webhook': 'https://hooks.test/slack' });
  });

  it('a release candidate, tried at the address that the variable names', async () => {
    stage.give('release-candidate', 'check', { 'live-version': '1.4.0' });
    const run = await start('release-candidate', byHand({ version: '1.4.0' }), {
      vars: { STAGING_URL: 'https://staging.test' },
    });
    expect([run.conclusion, stage.given('release-candidate').map(({ mode }) => mode)]).toEqual([
      'success',
      ['check', 'tag'],
    ]);
    expect(stage.given('smoke-test').at(-1)).toMatchObject({ 'base-url': 'https://staging.test' });
  });

  it('a plan of infrastructure on the pull request', async () => {
    mkdirSync(at('infra'));
    write(at('infra/main.tf'), '# nothing\n');
    write(at('.github/infrastructure.crt'), 'certificate\n');
    mkdirSync(at('.github/actions/deploy-setup'), { recursive: true });
    write(at('.github/actions/deploy-setup/action.yml'), login);
    const run = await start('infrastructure', pull('network'));
    expect([errors(run), job(run, 'Plan')!.result, job(run, 'Apply')?.result]).toEqual([
      '',
      'success',
      'skipped',
    ]);
    expect(lines('logins')).toEqual(['production-plan']);
    expect(stage.given('plan-report')).toMatchObject([{ environment: 'production', folders: 'infra' }]);
  });

  it('a delivery that runs the migrations in each stage', async () => {
    stage.fixture.control.approved.add('production');
    await start('cd', { name: 'push' });
    expect(stage.given('migration-check').map(({ mode }) => mode)).toEqual(expect.arrayContaining(['run']));
  });
});
