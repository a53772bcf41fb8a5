import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { watch, type Watched } from '../../../../shared/analysis/course/watch.js';
import { readPlan } from '../../../../shared/analysis/criteria/criteria-file.js';
import { openSources } from '../../../../shared/analysis/registry.js';
import type { Subject } from '../../../../shared/analysis/source.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { serve } from '../../../support/servers/http.js';

/** When every watch of these tests begins; epoch milliseconds. */
export const start = 1_700_000_000_000;

/**
 * Watches by one source, of which `SERVER` in its YAML is a server that answers so: real requests, by a clock of their
 * own. A verdict is what comes of it after six looks or a few more.
 */
export async function watched(
  source: string,
  criterion: string,
  listener: RequestListener,
  place: Partial<Pick<Subject, 'colourUrl'>> = {},
): Promise<{ is: Watched['verdict']['is']; message: string; asked: number }> {
  let asked = 0;
  const server = await serve((request, response) => {
    asked += 1;
    response.on('error', () => undefined);
    listener(request, response);
  });
  const http = createHttpClient();
  let now = start;
  const clock = {
    now: () => now,
    sleep: (ms: number) => {
      now += ms;
      return Promise.resolve();
    },
  };
  const { plan, sources } = readPlan(
    `version: 1
environments:
  production:
    watch: 6s
    interval: 1s
    sources: { app: { ${source.replaceAll('SERVER', server.url)}, timeout: ${stalls.includes(listener) ? '40ms' : '60s'} } }
    criteria: [{ name: judged, source: app, for: 2s, ${criterion} }]
`,
    'rollback.yml',
    'production',
  );
  const subject: Subject = {
    environment: 'production',
    service: 'shop',
    version: '1.1.0',
    colour: 'green',
    sha: 'a'.repeat(40),
    colourUrl: server.url,
    entryUrl: server.url,
    ...place,
  };
  try {
    const { verdict, ticks } = await watch(plan, {
      sources: openSources(sources, plan, { http, clock, subject }),
      clock,
      signal: new AbortController().signal,
      movedAway: () => Promise.resolve(undefined),
      onTick: () => undefined,
    });
    const newest = ticks.at(-1)!.readings['app']!;
    return { is: verdict.is, message: `${verdict.message}; ${newest.message ?? newest.is}`, asked };
  } finally {
    http.close();
    await server.close();
  }
}

/** Writes for as long as somebody reads. */
const endless =
  (piece: string, headers: Record<string, string>): RequestListener =>
  (_, response) => {
    response.writeHead(200, headers);
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  };

const gzip = { 'content-encoding': 'gzip' };
const bomb = gzipSync(Buffer.alloc(64_000_000, 0x20));

const never: RequestListener = () => undefined;
const drips: RequestListener = (_, response) => void response.writeHead(200).write('#');
/** Those that are not waited for; everybody else may take the time that a busy machine takes. */
const stalls: readonly RequestListener[] = [never, drips];

/** What no server of metrics should answer, whatever it is asked, and what is said of it. */
export const refusals: [what: string, listener: RequestListener, message: RegExp][] = [
  ['says that it is broken', (_, r) => r.writeHead(500).end('{}'), /answers 500 instead of 200/],
  ['wants to be asked later', (_, r) => r.writeHead(429, { 'retry-after': '3600' }).end('{}'), /answers 429/],
  [
    'points to the metadata of the cloud',
    (_, r) => r.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    /answers 302 instead of 200/,
  ],
  ['never answers', never, /no complete answer within 40 ms/],
  ['drips', drips, /no complete answer within 40 ms/],
  ['resets the connection', (_, r) => void r.socket!.resetAndDestroy(), /closed|reset/i],
  [
    'cuts its answer',
    (_, r) => {
      r.writeHead(200, { 'content-length': '500' }).write('{"status":');
      setTimeout(() => r.destroy(), 5);
    },
    /closed|reset|cut|aborted/i,
  ],
  ['sends chunks without end', endless(`# ${'x'.repeat(65_000)}\n`, {}), /more than|longer|larger/],
  ['sends a bomb', (_, r) => r.writeHead(200, gzip).end(bomb), /more than|longer|larger/],
  ['sends broken gzip', (_, r) => r.writeHead(200, gzip).end('no gzip'), /./],
  [
    'sends a page for people',
    (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>'),
    /no JSON|text format/,
  ],
  [
    'sends bytes of another format',
    (_, r) =>
      r
        .writeHead(200, { 'content-type': 'application/vnd.google.protobuf' })
        .end(Buffer.from([0x0a, 0xff, 0xfe, 0x80, 0x00])),
    /no JSON|text format/,
  ],
];
