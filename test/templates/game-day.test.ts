import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../rehearsal/runner/run-workflow.js';
import { shapes, templateStage, type TemplateStage } from './stage.js';

const digest = `sha256:${'d'.repeat(64)}`;

describe.each(shapes)('game-day.yml as %s', (shape) => {
  let stage: TemplateStage;
  const at = (name: string) => join(stage.fixture.root, name);
  /** What deploy/fault was called with, in the order of the calls. */
  const faults = () =>
    existsSync(at('faults')) ? readFileSync(at('faults'), 'utf8').trim().split('\n') : [];
  const start = (
    inputs: Record<string, string> = {},
    secrets: Record<string, string> = { PAGERDUTY_KEY: 'p4ger' },
    more: Record<string, string> = {},
    run: object = {},
  ) =>
    stage.run({
      with: more,
      run: { event: { name: 'workflow_dispatch', inputs: { fault: 'stopped', ...inputs } }, secrets, ...run },
    });
  /** How a job of the called workflow ended, by its key there. */
  const resultOf = (run: RunReport, job: string) =>
    (run.jobs[job] ?? run.jobs[`game-day.${job}`])?.conclusion;
  const summary = (run: RunReport) =>
    Object.values(run.jobs)
      .flatMap(({ steps }) => steps.map((step) => step.summary))
      .join('\n');

  /** The watch rolls back so many minutes after the fault, and its step fails as it does then. */
  function rollsBack(
    minutes = 2,
    { sha = "'$GITHUB_SHA'", colour = 'green', restored = '', incident = true } = {},
  ) {
    const report = JSON.stringify({ watched: { version: '1.4.0', colour, digest, sha } });
    writeFileSync(at('on-start'), `printf %s '${report}' > "$STAGE/watch.json"\n`);
    stage.fail('auto-rollback', 'watch');
    stage.give('auto-rollback', 'watch', {
      result: 'rolled-back',
      report: at('watch.json'),
      ...(incident ? { incident: 'https://github.test/acme/shop/issues/7' } : {}),
      restored,
      'restored-at': new Date(Date.now() + minutes * 60_000).toISOString(),
    });
  }

  /** What a look says when all is well; whether the other colour is, too, is up to its report. */
  const well = () => ({ result: 'ok', live: 'green', report: at('status.json') });
  const colours = (blue: boolean) =>
    writeFileSync(
      at('status.json'),
      JSON.stringify({
        colours: [
          { name: 'blue', ok: blue },
          { name: 'green', ok: true },
        ],
      }),
    );

  beforeEach(async () => {
    stage = await templateStage(shape, 'game-day');
    stage.fixture.commit({
      '.github/game-day.json': '{"environments": ["staging"]}\n',
      'deploy/fault': `#!/bin/sh\necho "$*" >> "$STAGE/faults"\nif test -e "$STAGE/on-$1"; then sh "$STAGE/on-$1"; fi\n`,
    });
    stage.fixture.git('update-index', '--chmod=+x', 'deploy/fault');
    stage.fixture.git('commit', '-q', '-m', 'Fault');
    stage.fixture.git('checkout', '-q', '--', '.');
    colours(true);
    stage.give('blue-green', 'status', well());
    stage.give('notify', 'undefined', { result: 'delivered' });
  });
  afterEach(() => stage.fixture.close());

  it('makes the fault on the live colour, sees it taken back and told, ends the fault, and releases it there again', async () => {
    rollsBack();
    const run = await start();
    expect([run.conclusion, faults()]).toEqual([
      'success',
      [
        'start shop staging green stopped',
        'stop shop staging green stopped',
        'stop shop staging green stopped',
      ],
    ]);
    expect(stage.given('auto-rollback')).toMatchObject([
      { mode: 'watch', environment: 'staging', severity: 'low' },
    ]);
    expect(stage.given('notify')[0]).toMatchObject({ result: 'failure', 'pagerduty-key': 'p4ger' });
    expect(stage.given('blue-green').map(({ mode }) => mode)).toEqual([
      'status',
      'status',
      'status',
      'reconcile',
      'reserve',
      'switch',
      'reconcile',
    ]);
    expect(stage.given('blue-green')[4]).toMatchObject({ environment: 'staging', version: '1.4.0', digest });
    expect(summary(run)).toContain('| An incident is open | ✅ | https://github.test/acme/shop/issues/7 |');
  });

  it('breaks nothing in an environment that the default branch does not name', async () => {
    const run = await start({}, {}, { environment: 'production' });
    expect([run.conclusion, faults(), stage.given('blue-green')]).toEqual(['failure', [], []]);
    expect(JSON.stringify(run)).toContain('production is not named');
  });

  // The scripts of both shapes are the same; the rest is played in one of them.
  if (shape !== 'caller') return;

  it.each([
    [{ '.github/game-day.json': '{"environments": ["stagin"]}' }, 'staging is not named'],
    [{ '.github/game-day.json': '{"environments": "staging"}' }, 'has no list of environments'],
    [{ '.github/game-day.json': 'staging' }, 'has no list of environments'],
  ])('breaks nothing with %j', async (files, message) => {
    stage.fixture.commit(files);
    const run = await start();
    expect([run.conclusion, faults(), stage.given('blue-green')]).toEqual(['failure', [], []]);
    expect(JSON.stringify(run)).toContain(message);
  });

  it('breaks nothing where something is broken already', async () => {
    stage.give('blue-green', 'status', { result: 'drift', live: 'green' });
    const run = await start();
    expect([run.conclusion, faults()]).toEqual(['failure', []]);
    expect(JSON.stringify(run)).toContain('no fault was made');
  });

  it('breaks nothing where there is nothing to go back to, or nobody says so', async () => {
    colours(false);
    const run = await start();
    expect([run.conclusion, faults()]).toEqual(['failure', []]);
    expect(JSON.stringify(run)).toContain('nothing could go back; no fault was made');
    writeFileSync(at('status.json'), '{}');
    expect([(await start()).conclusion, faults()]).toEqual(['failure', []]);
  });

  it('breaks nothing where no colour has all traffic, or another one since it looked', async () => {
    stage.give('blue-green', 'status', { result: 'ok', live: '' });
    const none = await start();
    expect([none.conclusion, faults()]).toEqual(['failure', []]);
    stage.give('blue-green', 'status', well(), { ...well(), live: 'blue' });
    const moved = await start();
    expect([
      moved.conclusion,
      stage.given('auto-rollback'),
      faults().filter((call) => /^start/.test(call)),
    ]).toEqual(['failure', [], []]);
    expect(JSON.stringify(moved)).toContain('green was live, now blue is');
    expect(stage.given('notify')).toEqual([]);
  });

  it.each([
    ['its machine is lost', 'lose', 'failure', ['exercise']],
    ['somebody cancels it', 'signal', 'cancelled', []],
  ])('ends the fault where %s while the fault is there', async (_, how, result, told) => {
    writeFileSync(at('on-start'), 'touch "$STAGE/begun"; exec sleep 600\n');
    const ended = new AbortController();
    const looks = setInterval(() => existsSync(at('begun')) && ended.abort(), 20);
    const run = await start({}, { PAGERDUTY_KEY: 'p4ger' }, {}, { [how]: ended.signal });
    clearInterval(looks);
    expect([resultOf(run, 'exercise'), resultOf(run, 'calm')]).toEqual([result, 'success']);
    expect(faults().at(-1)).toBe('stop shop staging green stopped');
    expect(stage.given('blue-green').at(-1)).toMatchObject({ mode: 'reconcile' });
    expect(stage.given('notify').map(({ lost }) => lost)).toEqual(told);
  });

  it('tells people where the fault could not be ended', async () => {
    rollsBack();
    writeFileSync(at('on-stop'), 'exit 4\n');
    const run = await start();
    expect([resultOf(run, 'exercise'), resultOf(run, 'calm')]).toEqual(['failure', 'failure']);
    expect(stage.given('blue-green').map(({ mode }) => mode)).not.toContain('reserve');
    expect(stage.given('notify').map(({ lost }) => lost)).toEqual(['', 'exercise']);
    expect(stage.given('notify')[1]).toMatchObject({ environment: 'staging', 'pagerduty-key': 'p4ger' });
  });

  it.each([
    [
      'the watch finds nothing',
      () => stage.give('auto-rollback', 'watch', { result: 'healthy' }),
      'rolled the release back (healthy)',
    ],
    [
      'what went back is not what was broken',
      () => rollsBack(2, { colour: 'blue' }),
      'the colour with the fault that lost its traffic (blue)',
    ],
    [
      'the fault is on both colours',
      () => rollsBack(2, { restored: 'bad too' }),
      'What has the traffic now is well (bad too)',
    ],
    ['it went back before there was a fault', () => rollsBack(-1), 'Within 10 min of the fault'],
    ['it takes too long', () => rollsBack(11), 'Within 10 min of the fault'],
    [
      'nobody is told',
      () => (rollsBack(), stage.give('notify', 'undefined', { result: 'not-configured' })),
      'every channel that is on (not-configured)',
    ],
    [
      'one channel fails',
      () => (rollsBack(), stage.give('notify', 'undefined', { result: 'partly-delivered' })),
      '(partly-delivered)',
    ],
  ])('is red when %s, and ends the fault all the same', async (_, happens, message) => {
    happens();
    const run = await start();
    expect([resultOf(run, 'exercise'), resultOf(run, 'calm')]).toEqual(['failure', 'success']);
    expect(JSON.stringify(run)).toContain(message);
    expect(faults().filter((call) => call.startsWith('stop'))).toHaveLength(2);
  });

  it('is red where no incident was opened, and where things differ afterwards', async () => {
    rollsBack(2, { incident: false });
    stage.give('blue-green', 'status', well(), well(), { ...well(), result: 'drift' });
    const run = await start();
    expect(resultOf(run, 'exercise')).toBe('failure');
    expect(summary(run)).toContain('| An incident is open | ❌ | none |');
    expect(summary(run)).toContain('ledger agree afterwards | ❌ | drift |');
  });

  it('watches nothing when the fault could not be made, and ends what is there of it', async () => {
    appendFileSync(at('on-start'), 'exit 3\n');
    const run = await start();
    expect([resultOf(run, 'exercise'), resultOf(run, 'calm')]).toEqual(['failure', 'success']);
    expect([stage.given('auto-rollback'), faults().length]).toEqual([[], 3]);
  });

  it('says what to do where the release is of another commit, and releases nothing', async () => {
    rollsBack(2, { sha: 'b'.repeat(40) });
    const run = await start();
    expect([run.conclusion, summary(run)]).toEqual([
      'success',
      expect.stringContaining('of another commit than this run'),
    ]);
    expect(stage.given('blue-green').map(({ mode }) => mode)).not.toContain('reserve');
  });
});

it('the executable of docs/templates/game-day.md stops and starts that colour alone, and knows no other fault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fault-'));
  const page = readFileSync('docs/templates/game-day.md', 'utf8');
  const [, block] = /^ {3}```sh\n( {3}#![\s\S]*?)^ {3}```$/m.exec(page)!;
  writeFileSync(join(folder, 'fault'), block!.replaceAll(/^ {3}/gm, ''), { mode: 0o755 });
  writeFileSync(join(folder, 'docker'), '#!/bin/sh\necho "docker $*"\n', { mode: 0o755 });
  const fault = (...args: string[]) => {
    const { status, stdout } = spawnSync(join(folder, 'fault'), args, {
      env: { PATH: `${folder}:${process.env['PATH']}` },
      encoding: 'utf8',
    });
    return [status, stdout.trim()];
  };
  const place = ['shop', 'staging', 'green'] as const;
  expect(fault('start', ...place, 'stopped')).toEqual([0, 'docker pause shop-staging-green']);
  expect(fault('stop', ...place, 'stopped')).toEqual([0, 'docker unpause shop-staging-green']);
  expect(fault('start', ...place, 'flood')[0]).toBe(2);
  rmSync(folder, { recursive: true });
});
