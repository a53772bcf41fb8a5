import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { judgeFor } from '../../../actions/blue-green-switch/judge-stop.js';
import { newDigest, trafficStage, type TrafficStage } from '../../support/traffic/stage.js';
import { until } from '../../support/until.js';

let stage: TrafficStage | undefined;
let late: Server | undefined;
afterEach(async () => {
  await stage?.close();
  late?.close();
  stage = late = undefined;
});

const down =
  /the router does not hold colour green up after .*on HAProxy node "edge-1", shop_green\/green1 is DOWN/;

/** An address where nothing listens yet. */
async function freeAddress(): Promise<{ address: string; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { address: `127.0.0.1:${port}`, port };
}

async function untilDown(): Promise<void> {
  while (stage!.router.stats().backends['shop_green']!['green1']!.up)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('switch fault 5: a colour that the router itself holds down', () => {
  it('gets no traffic, and the refusal says the server, before anything moved', async () => {
    const { address } = await freeAddress();
    stage = await trafficStage({}, 'map', { every: 20, greenAt: address, healthyWithin: '300ms' });
    await untilDown();
    const job = stage.startRun();
    const step = await stage.release(job);
    expect(step.result).toBe('refused');
    expect(step.message).toMatch(down);
    expect(stage.live()).toBe('blue');
    expect(await stage.refs()).toEqual([]);
  });

  it('is waited for: a cold colour that comes up within healthy-within goes live', async () => {
    const { address, port } = await freeAddress();
    stage = await trafficStage({}, 'map', { every: 20, greenAt: address, healthyWithin: '60s' });
    await untilDown();
    const job = stage.startRun();
    const { ok, host } = await stage.reserve(job);
    expect(ok).toBe(true);
    const { green } = stage;
    const target = Number(new URL(green.url).port);
    Object.assign(green, { version: '2.0.0', digest: `sha256:${'2'.repeat(64)}` });
    late = createServer((socket) => {
      const onward = connect(target, '127.0.0.1');
      socket.pipe(onward).pipe(socket);
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    const running = stage.step(job, { mode: 'switch', verdict: stage.verdict(job) }, host);
    await until(() => host.printed.some((line) => line.includes('Waiting up to')), 'the switch waits');
    late.listen(port, '127.0.0.1');
    const step = await running;
    expect(step.message).toMatch(/2\.0\.0 is live on green/);
    const said = step.report.timeline.map(({ message }) => message);
    expect(said).toContainEqual(
      expect.stringMatching(/^Waiting up to 1 min for the router: .*green1 is DOWN/),
    );
    expect(said).toContain('The router holds green up (1 server on each node)');
  });

  it('fails the stop of a strategy, however well it answers itself: the next step would send it everything', async () => {
    const { address } = await freeAddress();
    stage = await trafficStage({}, 'map', { every: 20, greenAt: address, healthyWithin: '300ms' });
    await untilDown();
    const job = stage.startRun();
    await stage.reserve(job);
    Object.assign(stage.green, { version: '2.0.0', digest: newDigest });
    const control = await stage.control(job);
    const { state } = (await control.lock.read())!;
    const judge = await judgeFor(control, state, undefined);
    expect(await judge(1)).toMatchObject({ ok: false, why: expect.stringMatching(down) });
    control.close();
  });

  it('is said by status, reserve and dry run, which it does not stop', async () => {
    const { address } = await freeAddress();
    stage = await trafficStage({}, 'map', { every: 20, greenAt: address, healthyWithin: '100ms' });
    await untilDown();
    const note = expect.stringMatching(/The router does not hold green up: .*green1 is DOWN/);
    const job = stage.startRun();
    const looks: Record<string, string>[] = [{ mode: 'status' }, { mode: 'switch', 'dry-run': 'true' }];
    for (const inputs of looks) {
      const { report } = await stage.step(job, inputs);
      expect(report.timeline.map(({ message }) => message)).toContainEqual(note);
    }
    const reserved = await stage.reserve(job);
    expect(reserved.ok).toBe(true);
    expect(reserved.report.timeline.map(({ message }) => message)).toContainEqual(note);
  });
});
