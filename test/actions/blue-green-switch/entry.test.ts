import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { action } from '../../../actions/blue-green-switch/main.js';
import { switchReportSchema } from '../../../shared/contracts/reports/switch-report.js';
import { digestOf, startColour, type Colour } from '../../support/traffic/colours.js';
import { startFront, type Answer, type Front } from '../../support/traffic/front.js';
import { newDigest, trafficStage, type StepResult, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
let front: Front;
beforeEach(async () => {
  front = await startFront('');
  at = await trafficStage({ url: `${front.url}/health`, connections: 5, for: '100ms', within: '20s' });
  front.answer = () => ({ to: at.router.url });
});
afterEach(async () => {
  await at.close();
  await front.close();
});

const summaryOf = ({ report }: StepResult) =>
  action.render(switchReportSchema.parse(JSON.parse(JSON.stringify(report))));

/** Passes requests on, but answers otherwise for so many requests after green got traffic. */
function otherwiseAfterSwitch(answers: (count: number) => Answer | undefined): void {
  let count = 0;
  front.answer = () => {
    const through = { to: at.router.url };
    return at.live() === 'green' ? (answers(++count) ?? through) : through;
  };
}

describe('switch fault 6: an entry that does not lead to the live release', () => {
  let other: Colour;
  beforeEach(async () => void (other = await startColour('7.7.7', digestOf('7'))));
  afterEach(() => other.close());

  it('is refused by reserve, before anything is locked or deployed', async () => {
    front.answer = () => ({ to: other.url });
    const reserved = await at.reserve(at.startRun());
    expect(reserved).toMatchObject({ ok: false, result: 'refused' });
    expect(reserved.message).toMatch(
      /does not show the live release: it shows 7\.7\.7 .*, and live is 1\.0\.0 on blue\. Nothing was moved\. Fix: make entry\.url/,
    );
    expect(await at.refs()).toEqual([]);
    expect(await at.deployments()).toEqual([]);
  });

  it('is refused by dry run and switch in the same words, and nothing moves', async () => {
    const job = at.startRun();
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    front.answer = () => ({ status: 404 });
    const verdict = at.verdict(job);
    const dry = await at.step(job, { mode: 'switch', 'dry-run': 'true', verdict });
    expect(dry).toMatchObject({ ok: false, result: 'refused' });
    expect(dry.message).toContain('does not show the live release: the entry answers 404');
    const real = await at.step(job, { mode: 'switch', verdict });
    expect(real.report.reasons).toEqual(dry.report.reasons);
    expect(real.report.course).toBeUndefined();
    expect(at.live()).toBe('blue');
  });

  it('is shown by status', async () => {
    front.answer = () => ({ to: other.url });
    const status = await at.step(at.startRun(), { mode: 'status' });
    expect(status).toMatchObject({ ok: true, result: 'drift' });
    expect(status.report.reasons.join()).toContain('it shows 7.7.7');
  });

  it('of the idle colour is refused too, though it is a colour of the service', async () => {
    front.answer = () => ({ to: at.green.url });
    expect((await at.reserve(at.startRun())).message).toContain('it shows 0.9.0');
  });

  it('is not taken for one that led there once in two answers', async () => {
    let count = 0;
    front.answer = () => ({ to: count++ % 2 === 0 ? at.router.url : other.url });
    expect((await at.reserve(at.startRun())).result).toBe('refused');
  });

  it('which gives errors although the live colour is well stops a release, and not the hotfix for it', async () => {
    front.answer = () => ({ status: 503 });
    const refused = await at.reserve(at.startRun());
    expect(refused.message).toMatch(/the entry answers 503.*run mode revert, or release with kind: hotfix/);
    const job = at.startRun();
    const verdict = at.verdict(job, { kind: 'hotfix' });
    expect(await at.reserve(job, { kind: 'hotfix', verdict })).toMatchObject({ result: 'reserved' });
  });

  it('which is silent does not stop a first deployment, and says that it is looked at later', async () => {
    at.blue.there = at.green.there = false;
    const job = at.startRun();
    const first = await at.reserve(job, { mode: 'bootstrap' });
    expect(first).toMatchObject({ ok: true, result: 'reserved' });
    const said = first.report.timeline.map(({ message }) => message).join('\n');
    expect(said).toMatch(/leads to this router is not known: blue does not say what it runs\. It is checked/);
  });

  it('which names a release where nothing is deployed stops a first deployment', async () => {
    at.blue.there = at.green.there = false;
    front.answer = () => ({ to: other.url });
    const first = await at.reserve(at.startRun(), { mode: 'bootstrap' });
    expect(first.message).toContain('it shows 7.7.7, and blue does not say what it runs');
  });
});

describe('switch fault 8: a front that settles late', () => {
  it('keeps the good release when every answer is new at last', async () => {
    let since: number | undefined;
    otherwiseAfterSwitch((count) => {
      since ??= Date.now();
      return Date.now() - since < 2_000 && count % 3 > 0 ? { to: at.blue.url } : undefined;
    });
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(at.live()).toBe('green');
    expect(switched.report.entry!.samples.map(({ is }) => is)).toContain('not-yet');
    expect(switched.outputs['failed-connections']).toBe('0');
  });
});

describe('a switch whose new connections failed', () => {
  it('says so in title, message, output and report, and is not green', async () => {
    otherwiseAfterSwitch((count) => (count <= 4 ? { status: 503 } : undefined));
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true });
    expect(at.live()).toBe('green');
    const failed = Number(switched.outputs['failed-connections']);
    expect(failed).toBe(4);
    expect(switched.message).toMatch(
      /^shop 2\.0\.0 is live in production, and 4 connections failed: .*4 of \d+ new connections failed from .* UTC/,
    );
    expect(summaryOf(switched)).toMatch(
      /^## ⚠️ shop 2\.0\.0 is live in production, and 4 connections failed\n/,
    );
    const { connections } = switched.report;
    expect(connections).toMatchObject({ failed: 4, failedBefore: 0, why: 'the entry answers 503' });
    expect(Date.parse(connections!.firstAt!)).toBeLessThanOrEqual(Date.parse(connections!.lastAt!));
  });

  it('counts connections that were dropped too', async () => {
    otherwiseAfterSwitch((count) => (count === 1 ? 'drop' : undefined));
    const switched = await at.release(at.startRun());
    expect(switched.outputs['failed-connections']).toBe('1');
    expect(switched.message).toContain('and 1 connection failed');
  });

  it('is called degraded, and a failed release in the report, when they failed for a second or more', async () => {
    let since: number | undefined;
    otherwiseAfterSwitch(() => {
      since ??= Date.now();
      return Date.now() - since < 1_300 ? { status: 502 } : undefined;
    });
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true, result: 'degraded' });
    expect(switched.report.connections).toMatchObject({ failedRelease: true });
    expect(switched.report.connections!.longestMs).toBeGreaterThanOrEqual(1_000);
  });

  it('does not blame the release for an entry that was failing before', async () => {
    at.blue.well = false;
    const job = at.startRun();
    const reserved = await at.reserve(job);
    expect(reserved.result).toBe('reserved');
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const switched = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(switched.outputs['failed-connections']).toBe('0');
    expect(switched.report.connections!.failedBefore).toBeGreaterThan(0);
  });
});

describe('several public entries', () => {
  let second: Front;
  beforeEach(async () => {
    second = await startFront('');
    second.answer = () => ({ to: at.router.url });
    change((file) => {
      const { entry, ...rest } = file;
      const ways = [entry, { ...(entry as object), url: `${second.url}/health`, within: '100ms' }];
      return { ...rest, entries: ways };
    });
  });
  afterEach(() => second.close());

  it('are each asked before and after, and a switch that all show stays', async () => {
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(switched.report.entry).toMatchObject({ ok: true, connections: 10, seen: 10 });
  });

  it('of which one leads elsewhere stop a release', async () => {
    second.answer = () => ({ to: at.green.url });
    const reserved = await at.reserve(at.startRun());
    expect(reserved.result).toBe('refused');
    expect(reserved.message).toContain(`${second.url}/health does not show the live release`);
  });

  it('of which one keeps the old release roll it back', async () => {
    second.answer = () => ({ to: at.live() === 'green' ? at.blue.url : at.router.url });
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: false, result: 'reverted' });
    expect(switched.message).toContain(`${second.url}/health does not reach 2.0.0`);
    expect(at.live()).toBe('blue');
  });

  it('count the connections that fail at either', async () => {
    let count = 0;
    second.answer = () => (at.live() === 'green' && ++count <= 1 ? { status: 500 } : { to: at.router.url });
    expect((await at.release(at.startRun())).outputs['failed-connections']).toBe('1');
  });
});

describe('headers of the entry', () => {
  it('are sent with every connection, and a secret is masked', async () => {
    change((file) => ({
      ...file,
      entry: {
        ...(file['entry'] as object),
        headers: { Host: 'shop.example.com', 'X-Key': { env: 'ENTRY_KEY' } },
      },
    }));
    const unknown = new Set<string>();
    front.answer = (headers) => {
      if (headers.host === 'shop.example.com' && headers['x-key'] === 'geheim-4711')
        return { to: at.router.url };
      unknown.add(JSON.stringify(headers));
      return { status: 421 };
    };
    const job = at.startRun();
    await expect(at.reserve(job)).rejects.toThrow(
      /entry\.headers\.X-Key[^]*the variable ENTRY_KEY, which is not set[^]*ENTRY_KEY: \$\{\{ secrets\.ENTRY_KEY \}\}/,
    );
    at.setVariable('ENTRY_KEY', 'geheim-4711');
    const switched = await at.release(job);
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect([...unknown]).toEqual([]);
    expect(switched.host.masked).toContain('geheim-4711');
  });
});

/** Changes the traffic file of the stage. */
function change(how: (file: Record<string, unknown>) => object): void {
  const path = join(at.workspace, 'traffic.yml');
  writeFileSync(path, stringify(how(parse(readFileSync(path, 'utf8')) as Record<string, unknown>)));
}
