import * as http from 'node:http';
import type { Connection, Outcome } from './tally.js';

export interface Ask {
  method: 'GET' | 'POST';
  path: string;
  body?: object | undefined;
  headers?: Record<string, string> | undefined;
}

export interface Answered {
  outcome: Outcome;
  connection: Connection;
  /** The answer's text; empty after a transport failure. */
  text: string;
}

/** Sends one request and reads the whole answer; never retries, never rejects. */
export function request(
  base: URL,
  ask: Ask,
  agent: http.Agent | false,
  timeoutMs: number,
): Promise<Answered> {
  return new Promise((resolve) => {
    const text = ask.body === undefined ? undefined : JSON.stringify(ask.body);
    const sent = http.request({
      host: base.hostname,
      port: base.port,
      method: ask.method,
      path: ask.path,
      agent,
      headers: {
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(text)}` }),
        ...ask.headers,
      },
    });
    const finish = (outcome: Outcome, received = ''): void => {
      clearTimeout(deadline);
      resolve({ outcome, connection: sent.reusedSocket ? 'reused' : 'fresh', text: received });
    };
    const fail = (error: NodeJS.ErrnoException): void =>
      finish({ kind: 'transport', code: error.code ?? error.message });
    const deadline = setTimeout(() => sent.destroy(new Error('timeout')), timeoutMs);
    sent.once('error', fail);
    sent.once('response', (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.once('error', fail);
      answer.once('end', () => {
        const version = answer.headers['x-app-version'];
        finish(
          {
            kind: 'answer',
            status: answer.statusCode ?? 0,
            version: typeof version === 'string' ? version : undefined,
          },
          Buffer.concat(pieces).toString('utf8'),
        );
      });
    });
    sent.end(text);
  });
}
