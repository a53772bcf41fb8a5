import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startChild } from '../../support/runner/child.js';
import { oneBackend } from '../../support/traffic/one-backend.js';
import { command } from '../../support/traffic/runtime-socket.js';

describe('the router as a process', () => {
  const { config, remove } = oneBackend([1]);
  const file = join(dirname(config.socket), 'router.json');
  writeFileSync(file, JSON.stringify(config));
  afterAll(remove);

  it.each(['SIGTERM', 'the end of its stdin'])(
    'says where it is, serves, and stops cleanly on %s',
    async (how) => {
      const child = await startChild('rehearsal/router/main.ts', '--config', file);
      expect(child.ready).toEqual({
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        socket: config.socket,
      });
      expect((await fetch(child.ready['url'] ?? '')).status).toBe(503);
      expect(await command(config.socket, 'get weight app/s0')).toBe('1 (initial 1)\n\n');
      if (how === 'SIGTERM') child.process.kill('SIGTERM');
      else child.process.stdin?.end();
      expect(await child.ended).toBe(0);
      expect(existsSync(config.socket)).toBe(false);
    },
  );
});
