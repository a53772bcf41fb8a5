import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import { oneBackend } from '../../support/traffic/one-backend.js';
import { ask, command } from '../../support/traffic/runtime-socket.js';

describe('for crash tests the embedded router', () => {
  let router: Router;
  let subject: ReturnType<typeof oneBackend>;

  beforeEach(async () => {
    subject = oneBackend([1]);
    router = await startRouter({ ...subject.config, tcp: '127.0.0.1:0' });
  });
  afterEach(async () => {
    await router.close();
    subject.remove();
  });

  const drain = 'set server app/s0 state drain';
  const state = (): string | undefined => router.stats().backends['app']?.['s0']?.state;

  it('carries a command out at once and answers late', async () => {
    router.delayAnswers(1_500);
    const began = performance.now();
    let answered = false;
    const answer = command(router.socket, drain).finally(() => (answered = true));
    while (state() !== 'drain') await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    expect(await answer).toBe('\n');
    expect(performance.now() - began).toBeGreaterThanOrEqual(1_490);
  });

  it('carries a command out and answers what means nothing', async () => {
    router.answerGarbage(true);
    expect(await command(router.socket, drain)).toContain('not an answer');
    expect(state()).toBe('drain');
    router.answerGarbage(false);
    expect(await command(router.socket, 'get weight app/s0')).toBe('1 (initial 1)\n\n');
  });

  it('refuses connections as a dead process does, its socket file in place, and keeps its state', async () => {
    await command(router.socket, drain);
    await router.refuse(true);
    expect(existsSync(router.socket)).toBe(true);
    await expect(command(router.socket, drain)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await router.refuse(false);
    expect(await command(router.socket, 'show servers state')).toMatch(/ 2 8 1 1 /);
  });

  it('never carries out a line cut off before its newline', async () => {
    await new Promise<void>((resolve) => {
      const cut = net.connect(router.socket, () => cut.end(drain));
      cut.resume().once('close', () => resolve());
    });
    expect(state()).toBe('ready');
  });

  it('serves its runtime API on TCP as well', async () => {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const connection = net.connect(router.tcpPort ?? 0, '127.0.0.1', () =>
        connection.write('get weight app/s0\n'),
      );
      connection.on('data', (chunk) => (text += chunk.toString())).once('close', () => resolve(text));
    });
    expect(answer).toBe('1 (initial 1)\n\n');
  });
});

describe('the embedded router', () => {
  it('takes over the socket file of one that was killed, but not of one that is alive', async () => {
    const { config, remove } = oneBackend([1]);
    const first = await startRouter(config);
    await expect(startRouter(config)).rejects.toThrow('another router is serving this socket');
    await first.refuse(true);
    const second = await startRouter(config);
    expect(await ask(config.socket, 'show backend\n')).toBe('# name\napp\n\n');
    await second.close();
    await first.close();
    remove();
  });

  it('reads the map file as HAProxy does: comments, blanks, the first of two entries', async () => {
    const { config, remove } = oneBackend([1]);
    writeFileSync(config.map.file, '# live colour\n\n  live   app  \nlive other\n');
    const router = await startRouter(config);
    expect(router.stats().live).toBe('app');
    expect(await command(router.socket, `show map ${config.map.file}`)).toMatch(
      /^0x\w+ live app\n0x\w+ live other\n\n$/,
    );
    await router.close();
    remove();
  });

  it('does not start without its map file', async () => {
    const { config, remove } = oneBackend([1]);
    remove();
    await expect(startRouter(config)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
