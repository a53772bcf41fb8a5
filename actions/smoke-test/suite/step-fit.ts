import type * as z from 'zod';
import { expectable, type Expectations } from './schema/expect-schema.js';
import type { HttpStep } from './schema/http-schema.js';
import {
  probeNameOf,
  probeNames,
  type ProbeName,
  type TcpStep,
  type WebSocketStep,
} from './schema/probe-schema.js';

type Fitted = { [Name in ProbeName]?: unknown } & { expect: Expectations; capture?: object | undefined };

/** What can be captured from probes other than http. */
const capturable: Readonly<Record<Exclude<ProbeName, 'http'>, readonly string[]>> = {
  tcp: ['regex'],
  tls: ['json'],
  dns: ['json', 'regex'],
  sql: ['json'],
  grpc: [],
  websocket: ['json', 'regex'],
  sse: ['json', 'regex'],
  browser: ['css', 'xpath', 'regex'],
  command: ['json', 'regex'],
};

/** A check that a step expects and captures only what its probe can show: a check of nothing would always hold. */
export function fitsProbe<T extends Fitted>(ctx: z.core.ParsePayload<T>): void {
  const step = ctx.value;
  if (probeNames.filter((name) => step[name] !== undefined).length !== 1) return;
  const probe = probeNameOf(step);
  const refuse = (path: PropertyKey[], message: string, fix: string) =>
    ctx.issues.push({ code: 'custom', message, path, input: step, params: { fix } });
  const { not, ...expected } = step.expect;
  for (const [at, keys] of [
    [['expect'], Object.keys(expected)],
    [['expect', 'not'], Object.keys(not ?? {})],
  ] as const) {
    for (const key of keys) {
      if ((expectable[probe] as readonly string[]).includes(key)) continue;
      const others = probeNames.filter((name) => (expectable[name] as readonly string[]).includes(key));
      const fix = `remove "${key}", or make this a step of ${others.join(' or ')}`;
      refuse([...at, key], `of a ${probe} step: ${expectable[probe].join(', ')}`, fix);
    }
  }
  if (step.http !== undefined) fitsHead(step.http as HttpStep, step, refuse);
  if (probe !== 'http') {
    for (const [name, { secret: _secret, ...rule }] of Object.entries<{ secret?: boolean }>({
      ...step.capture,
    })) {
      const [kind = ''] = Object.keys(rule);
      if (capturable[probe].includes(kind)) continue;
      const allowed = capturable[probe].join(', ') || 'nothing';
      refuse(['capture', name, kind], `a capture that a ${probe} step gives: ${allowed}`, `remove "${name}"`);
    }
  }
  if (step.websocket !== undefined) fitsWebSocket(step.websocket as WebSocketStep, step, refuse);
  if (probe === 'tcp') fitsTcp(step.tcp as TcpStep, step, refuse);
}

/** What is looked for in a body. */
const ofBody = ['json', 'json-schema', 'xpath', 'css', 'body', 'size', 'sha256', 'md5', 'regex'];

/** The answer to HEAD has no body, of which much holds that holds of no page. */
function fitsHead(
  { method }: HttpStep,
  { expect: { not, ...expected }, capture }: Fitted,
  refuse: (path: PropertyKey[], message: string, fix: string) => unknown,
): void {
  if (method !== 'HEAD') return;
  const looks = [
    ...Object.keys(expected).map((key) => ['expect', key]),
    ...Object.keys(not ?? {}).map((key) => ['expect', 'not', key]),
    ...Object.entries<object>({ ...capture }).flatMap(([name, rule]) =>
      Object.keys(rule).map((key) => ['capture', name, key]),
    ),
  ];
  for (const path of looks)
    if (ofBody.includes(path.at(-1)!))
      refuse(path, 'of the answer to HEAD, which has no body: its status, headers and cookies', 'ask by GET');
}

function fitsWebSocket(
  { messages }: WebSocketStep,
  { expect: { not, ...expected }, capture }: Fitted,
  refuse: (path: PropertyKey[], message: string, fix: string) => unknown,
): void {
  const all = { ...not, ...expected };
  const reads = all.body ?? all.json ?? all['json-schema'] ?? all.size;
  if (messages === 0 && (reads !== undefined || Object.keys(capture ?? {}).length > 0))
    refuse(
      ['websocket', 'messages'],
      'at least 1, since messages are expected',
      'remove "messages", or write 1',
    );
}

function fitsTcp(
  { read, send }: TcpStep,
  { expect: { not, ...expected }, capture }: Fitted,
  refuse: (path: PropertyKey[], message: string, fix: string) => unknown,
): void {
  const all = { ...not, ...expected };
  const reads = all.body !== undefined || all.size !== undefined || Object.keys(capture ?? {}).length > 0;
  if (reads && read === 'none')
    refuse(['tcp'], 'a "read", since text is expected', 'add read: line, or read: close');
  if (expected.connects === false && (reads || send !== undefined))
    refuse(['expect', 'connects'], 'connects: false alone', 'remove what needs a connection');
}
