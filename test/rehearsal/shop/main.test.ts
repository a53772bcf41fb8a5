import { describe, expect, it } from '@jest/globals';
import { startChild } from '../../support/runner/child.js';

describe('the shop as a process', () => {
  it.each(['SIGTERM', 'the end of its stdin'])(
    'says where it is and stops cleanly on %s, its answer given',
    async (how) => {
      const child = await startChild(
        ...['rehearsal/shop/main.ts', '--version', '1.2.3', '--digest', 'sha256:d', '--colour', 'blue'],
        ...['--fault', '{"latencyMs":100}'],
      );
      const url = child.ready['url'] ?? '';
      expect(child.ready).toMatchObject({
        version: '1.2.3',
        adminUrl: expect.stringContaining('http://127.0.0.1:'),
      });
      expect(await (await fetch(`${url}/health`)).json()).toMatchObject({
        status: 'ok',
        colour: 'blue',
        digest: 'sha256:d',
      });
      const slow = fetch(url);
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (how === 'SIGTERM') child.process.kill('SIGTERM');
      else child.process.stdin?.end();
      expect((await slow).status).toBe(200);
      expect(await child.ended).toBe(0);
    },
  );

  it('does not start without a version or with a misspelt fault', async () => {
    await expect(startChild('rehearsal/shop/main.ts')).rejects.toThrow('usage: shop/main.ts --version');
    await expect(
      startChild('rehearsal/shop/main.ts', '--version', '1.0.0', '--fault', '{"eror":1}'),
    ).rejects.toThrow('unknown fault "eror"');
  });
});
