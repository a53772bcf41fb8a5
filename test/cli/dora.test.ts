import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispatch } from '../../cli/dispatch.js';
import { historyPlace, type Place } from '../actions/dora-report/history/place.js';
import { epoch } from '../actions/dora-report/ledger-facts.js';
import { inFolder, runCli, testShell } from './terminal.js';

describe('devops-actions dora', () => {
  let place: Place;
  beforeAll(async () => {
    place = await historyPlace();
    const first = place.on('03-01 08:00').commit([]);
    await place.on('03-01 10:00').deploy('production', first);
    const second = place.on('03-02 08:00').commit([first], 'Cart \u001b[31m red');
    const bad = await place.on('03-02 10:00').deploy('production', second);
    await place.on('03-02 11:00').status(bad, 'failure');
    await place.on('03-02 11:00').deploy('production', first, { kind: 'rollback', previous: bad });
    place.on('03-20 10:00');
  });
  afterAll(async () => {
    const violations = place.server.control.violations();
    await place.close();
    expect(violations).toEqual([]);
  });

  const dora = (options: string[], more: { at?: string; env?: Record<string, string> } = {}) =>
    inFolder({}, async (folder) => {
      const env = { GITHUB_TOKEN: place.token, GITHUB_API_URL: place.server.url, ...more.env };
      const clock = { now: () => epoch(more.at ?? '03-20 10:00'), sleep: async () => {} };
      const shell = testShell(folder, { env, clock });
      const code = await dispatch(['dora', ...options], shell);
      const replayed = testShell(folder);
      const saved = readdirSync(folder).includes('out');
      const again = saved
        ? await dispatch(['dora', '--replay', 'out/dora-report.json', '--format', 'classic'], replayed)
        : undefined;
      const files = saved ? readdirSync(join(folder, 'out')).sort() : [];
      const report = saved ? readFileSync(join(folder, 'out', 'dora-report.json'), 'utf8') : '{}';
      const [out, err] = [shell.written.join('\n'), shell.errors.join('\n')];
      return {
        code,
        out,
        err,
        files,
        report: JSON.parse(report),
        again,
        replayed: replayed.written.join('\n'),
      };
    });

  it('measures a repository since 90 days ago, in lines that steer no terminal', async () => {
    const { code, out, err } = await dora(['--repo', 'acme/shop', '--since', '90d']);
    expect([code, err]).toEqual([0, expect.stringContaining('Read 3 deployments')]);
    expect(out).toContain('2025-12-20 10:00 to 2026-03-20 10:00 UTC');
    expect(out).toMatch(/Change fail rate +50 %/);
    expect(out).toMatch(/What failed:\n {2}✗ .*1\.2\.0/);
    expect(out).not.toContain('\u001b');
  });

  it('writes every format into a folder, and measures the saved report again without GitHub', async () => {
    const first = await dora(['--repo', 'acme/shop', '--reports', 'out', '--format', 'classic']);
    expect(first.files).toEqual([
      'dora-cache.json',
      'dora-change-fail-rate.svg',
      'dora-classic.json',
      'dora-deployments.csv',
      'dora-frequency.svg',
      'dora-lead-time.svg',
      'dora-recovery.svg',
      'dora-report.html',
      'dora-report.json',
      'dora-rework.svg',
      'dora.prom',
    ]);
    expect(JSON.parse(first.out).metrics.change_failure_rate).toEqual({
      value: 50,
      unit: '%',
      classification: 'Low',
    });
    expect([first.again, first.replayed]).toEqual([0, first.out]);
    expect(JSON.stringify(first)).not.toContain(place.token);
  });

  it.each([
    ['json', /^\{\n {2}"schema": "devops-actions\/dora-report@1"/],
    ['csv', /^finished_utc,/],
    ['openmetrics', /# EOF$/],
    ['html', /^<!doctype html>/],
  ])('prints %s alone on standard output', async (format, begins) => {
    const { code, out } = await dora(['--repo', 'acme/shop', '--format', format]);
    expect([code, out]).toEqual([0, expect.stringMatching(begins)]);
  });

  it('ends with 1 where a condition of --fail-if holds', async () => {
    const { code, err } = await dora(['--repo', 'acme/shop', '--fail-if', 'change-fail-rate > 15 %']);
    expect([code, err]).toEqual([1, expect.stringContaining('change-fail-rate is 50 %')]);
  });

  it('says where else deployments may stand when the suite recorded none in the window', async () => {
    const { code, err } = await dora(['--repo', 'acme/shop', '--until', '2026-02-01', '--since', '2w']);
    expect([code, err]).toEqual([0, expect.stringContaining('none of them counts in this window')]);
  });

  it.each([
    [['--since', 'soon'], 'option --since'],
    [['--since', '0s'], 'option --since'],
    [['--until', 'never'], 'option --until'],
    [['--tiers', '2020'], 'option --tiers'],
    [['--timezone', 'Europe/Madird'], 'Europe/Madrid'],
    [['--window', '2w', '--since', '90d'], 'option --window'],
    [['--format', 'xml'], 'there are text, json'],
    [['--replay', 'none.json'], 'no such file'],
    [['--replay', 'none.json', '--since', '90d'], 'leave out --since'],
    [['--environment', 'prod'], 'production'],
  ])('refuses %j by the name of the option', async (options, words) => {
    const given = options.includes('--replay') ? options : ['--repo', 'acme/shop', ...options];
    expect(await dora(given)).toMatchObject({ code: 2, err: expect.stringContaining(words) });
  });

  it('names what is missing: the token, the repository', async () => {
    const none = await runCli(['dora', '--repo', 'acme/shop']);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('GITHUB_TOKEN=$(gh auth token)')]);
    const nowhere = await runCli(['dora'], {}, { env: { GITHUB_TOKEN: 'x' } });
    expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringContaining('--repo OWNER/NAME')]);
    const bare = await runCli(['dora', 'acme/shop']);
    expect([bare.code, bare.err]).toEqual([2, expect.stringContaining('--repo acme/shop')]);
  });
});
