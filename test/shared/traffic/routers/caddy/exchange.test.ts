import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exchangeOn } from '../../../../../shared/traffic/routers/http-exchange.js';
import { caddyStage, type CaddyStage } from './stage.js';

let at: CaddyStage;
beforeEach(async () => {
  at = await caddyStage();
});
afterEach(() => at.close());

describe('an exchange with a node', () => {
  const ask = (timeoutMs: number) =>
    exchangeOn(
      'edge-1',
      at.machine,
      { host: '127.0.0.1', port: at.port },
      { method: 'GET', path: '/x', host: 'edge' },
      timeoutMs,
    );

  it('that gets no answer in time is given up', async () => {
    at.reply = () => undefined;
    await expect(ask(50)).rejects.toThrow(
      /Node "edge-1": GET \/x on 127\.0\.0\.1:\d+ gave no complete answer within 50 ms/,
    );
  });

  it('that breaks off in the middle is no answer', async () => {
    at.reply = (_request, _body, response) => {
      response.setHeader('content-length', '100');
      response.write('half');
      setImmediate(() => response.socket?.destroy());
    };
    await expect(ask(60_000)).rejects.toThrow(/gave no answer/);
  });

  it('that answers something else than HTTP is no answer', async () => {
    at.reply = (_request, _body, response) => response.socket?.end('hello\n');
    await expect(ask(60_000)).rejects.toThrow(/gave no answer \(HPE_/);
  });

  it('that never ends is given up', async () => {
    at.reply = (_request, _body, response) => {
      const chunk = 'x'.repeat(1_048_576);
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    };
    await expect(ask(60_000)).rejects.toThrow(/gave an endless answer/);
  });
});
