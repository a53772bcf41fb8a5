import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { findChromium } from '../../../../shared/probes/browser/chromium.js';
import { devTools } from '../../../../shared/probes/browser/devtools.js';

test('without a Chromium it says where one is looked for and how to get one', async () => {
  await expect(findChromium('/nowhere:/etc')).rejects.toThrow(
    /no Chromium on the PATH .*apt-get install chromium/,
  );
});

describe('the DevTools protocol over a pipe', () => {
  test('answers by number, events as they come, messages cut anywhere', async () => {
    const [to, from] = [new PassThrough(), new PassThrough()];
    const browser = devTools(to, from);
    const events: string[] = [];
    browser.onEvent(({ method }) => events.push(method));
    const first = browser.send('Page.enable', {}, 's');
    const second = browser.send('Page.nope');
    from.write('{"method":"A","params":{}}\0{"id":2,"error":{"mess');
    from.write('age":"no such method"}}\0{"id":1,"result":{"a":1}}');
    from.write('\0');
    await expect(second).rejects.toThrow('no such method');
    await expect(first).resolves.toEqual({ a: 1 });
    expect(events).toEqual(['A']);
    expect(String(to.read())).toBe(
      '{"id":1,"method":"Page.enable","params":{},"sessionId":"s"}\0{"id":2,"method":"Page.nope","params":{}}\0',
    );
  });

  test('what is awaited fails when the browser is gone, and so does what comes later', async () => {
    const from = new PassThrough();
    const browser = devTools(new PassThrough(), from);
    const open = browser.send('Page.enable');
    from.destroy();
    await expect(open).rejects.toThrow('the browser ended');
    await expect(browser.send('Page.enable')).rejects.toThrow('the browser ended');
  });
});
