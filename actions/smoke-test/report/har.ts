import type { HttpObservation } from '../../../shared/probes/http.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { Transfer } from '../../../shared/http/types.js';
import { shownHeader } from '../judge/credential-headers.js';
import type { FlowResult } from '../run/flow.js';
import type { Exchange, StepResult } from '../run/results.js';

type Redact = (text: string) => string;

/** Longest text of a body that is kept, in characters. */
const bodyLength = 65_536;

/** The failed HTTP steps of a run as an HTTP Archive (HAR 1.2): credentials and secrets taken out, bodies cut. */
export function harOf(flows: readonly FlowResult[], redact: Redact): string {
  const entries = flows.flatMap(({ planned, steps }) =>
    steps.flatMap((step) => entryOf(planned.name, step, redact)),
  );
  const log = { version: '1.2', creator: { name: 'devops-actions smoke-test', version: '1' }, entries };
  return `${JSON.stringify({ log }, null, 2)}\n`;
}

function entryOf(flow: string, step: StepResult, redact: Redact): unknown[] {
  const { exchange, attempts } = step;
  const last = attempts.at(-1);
  if (!exchange || !last || exchange.request.url === undefined) return [];
  const { answer } = exchange;
  return [
    {
      startedDateTime: isoInstant(last.startedAt),
      time: last.durationMs,
      request: requestOf(exchange, redact),
      response: answer ? responseOf(answer, redact) : noResponse,
      cache: {},
      timings: timingsOf(last.durationMs, answer?.transfer),
      comment: redact(
        [
          `${flow} › ${step.planned.name}`,
          ...step.failures.map(({ check, expected, got }) => `${check}: expected ${expected}, got ${got}`),
        ].join('\n'),
      ),
    },
  ];
}

/** The parts of an exchange, in milliseconds; what came before the last of several redirects was spent blocked. */
function timingsOf(durationMs: number, transfer: Transfer | undefined) {
  if (!transfer) return { blocked: -1, connect: -1, send: 0, wait: durationMs, receive: 0 };
  const { connectMs, sendMs, waitMs, receiveMs } = transfer;
  const blocked = Math.max(0, durationMs - connectMs - sendMs - waitMs - receiveMs);
  return { blocked, connect: connectMs, send: sendMs, wait: waitMs, receive: receiveMs };
}

function versionOf(answer: HttpObservation | undefined): string {
  return answer?.transfer ? `HTTP/${answer.transfer.version}` : '';
}

function requestOf({ request, answer }: Exchange, redact: Redact) {
  const url = new URL(request.url);
  url.username = '';
  url.password = '';
  const sent = Object.entries(request.headers).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const type = sent.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  const text = request.body === undefined ? undefined : textOf(request.body, redact);
  return {
    method: request.method,
    url: redact(url.href),
    httpVersion: versionOf(answer),
    cookies: [],
    headers: headersOf(sent, redact),
    queryString: [...url.searchParams].map(([name, value]) => ({ name: redact(name), value: redact(value) })),
    ...(text === undefined ? {} : { postData: { mimeType: redact(type ?? ''), ...text } }),
    headersSize: -1,
    bodySize: -1,
  };
}

function responseOf(answer: HttpObservation, redact: Redact) {
  const pairs = Object.entries(answer.headers).flatMap(([name, values]) =>
    values.map((value): [string, string] => [name, value]),
  );
  return {
    status: answer.status,
    statusText: '',
    httpVersion: versionOf(answer),
    cookies: [],
    headers: headersOf(pairs, redact),
    content: {
      size: new TextEncoder().encode(answer.text()).length,
      mimeType: redact(answer.headers['content-type']?.at(-1) ?? ''),
      ...textOf(answer.text(), redact),
    },
    redirectURL: redact(answer.headers['location']?.[0] ?? ''),
    headersSize: -1,
    bodySize: -1,
  };
}

/** What the format wants where there was no answer. */
const noResponse = {
  status: 0,
  statusText: '',
  httpVersion: '',
  cookies: [],
  headers: [],
  content: { size: 0, mimeType: '' },
  redirectURL: '',
  headersSize: -1,
  bodySize: -1,
};

function headersOf(pairs: readonly (readonly [string, string])[], redact: Redact) {
  return pairs.map(([name, value]) => ({ name, value: redact(shownHeader(name, value)) }));
}

/** Secrets are taken out before anything is cut, so that none is cut in two. */
function textOf(body: string | Uint8Array, redact: Redact): { text: string; comment?: string } {
  const text = redact(typeof body === 'string' ? body : new TextDecoder().decode(body));
  return text.length <= bodyLength
    ? { text }
    : { text: text.slice(0, bodyLength), comment: `cut; the whole has ${text.length} characters` };
}
