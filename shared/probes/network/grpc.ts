import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls';
import { HttpFailure } from '../../http/faults.js';
import { factsAs, type Observed, type Probe } from '../probe.js';
import { openSocket, parseAddress, serverName } from './socket.js';
import { observeWithin, ProbeFailure } from '../within.js';

/** One question to grpc.health.v1.Health, every value resolved. */
export interface GrpcProbeStep {
  /** `https://host:port`, or `http://host:port` for HTTP/2 without TLS. */
  url: string;
  /** Empty asks for the whole server. */
  service: string;
  metadata: Readonly<Record<string, string>>;
}

export interface GrpcObservation extends Observed {
  probe: 'grpc';
  serving: 'UNKNOWN' | 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';
}

const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
/** Longest answer; the message of the health service takes two bytes. */
const maxBytes = 65_536;
/** Status code of gRPC for a service that the health service does not know. */
const notFound = 5;

/** Observes what a server says of its own health; other than that, no answer is a fault. */
export function grpcProbe(
  lookup: LookupFunction,
  ca: readonly string[] | undefined,
): Probe<GrpcProbeStep, GrpcObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<GrpcObservation>(
        `grpc ${originOf(step.url)} ${step.service}`.trim(),
        limits,
        async (signal) => {
          const url = URL.canParse(step.url) ? new URL(step.url) : undefined;
          if (!url || !/^https?:$/.test(url.protocol))
            throw new HttpFailure('protocol', 'the url is not https://host:port or http://host:port');
          const address = parseAddress(url.host, url.protocol === 'https:' ? 443 : 80);
          const plain = await openSocket(address, lookup, signal);
          try {
            const socket = url.protocol === 'https:' ? await secure(plain, address.host, ca) : plain;
            const { connect } = await import('node:http2');
            const session = connect(url.origin, {
              createConnection: () => socket,
              settings: { enablePush: false },
            });
            return seen(await ask(session, url, step));
          } finally {
            plain.destroy();
          }
        },
      ),
  };
}

async function secure(socket: Socket, host: string, ca: readonly string[] | undefined): Promise<TLSSocket> {
  const trust = ca ? { ca: [...rootCertificates, ...ca] } : {};
  const options = {
    socket,
    host,
    ...serverName(host),
    ...trust,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: true,
  };
  const secured = connectTls(options);
  await new Promise<void>((resolve, reject) => {
    secured.once('secureConnect', resolve);
    secured.once('error', reject);
    socket.once('error', reject);
    secured.once('close', () =>
      reject(new HttpFailure('tls', 'the server closed the connection during the handshake')),
    );
  });
  if (secured.alpnProtocol !== 'h2') throw new HttpFailure('protocol', 'the server does not speak HTTP/2');
  return secured;
}

interface Answer {
  status: number;
  message: string;
  body: Buffer;
}

function ask(session: ClientHttp2Session, url: URL, { service, metadata }: GrpcProbeStep): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.once('error', reject);
    const stream = session.request({
      ...metadata,
      ':method': 'POST',
      ':scheme': url.protocol.slice(0, -1),
      ':authority': url.host,
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const chunks: Buffer[] = [];
    let length = 0;
    let head: IncomingHttpHeaders = {};
    let tail: IncomingHttpHeaders = {};
    stream.on('response', (headers) => (head = headers));
    stream.on('trailers', (headers) => (tail = headers));
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      chunks.push(chunk);
      if (length > maxBytes) stream.destroy(new HttpFailure('too-large', `more than ${maxBytes} bytes came`));
    });
    stream.once('error', reject);
    stream.once('close', () => {
      try {
        resolve({ ...outcome(head, tail), body: Buffer.concat(chunks, length) });
      } catch (error) {
        reject(error);
      }
    });
    stream.end(framed(question(service)));
  });
}

/** The status of gRPC, which a server without a message sends in the headers. */
function outcome(head: IncomingHttpHeaders, tail: IncomingHttpHeaders): Omit<Answer, 'body'> {
  if (head[':status'] === undefined)
    throw new HttpFailure('reset', 'the server closed the stream without an answer');
  const written = tail['grpc-status'] ?? head['grpc-status'];
  if (!/^\d{1,2}$/.test(String(written)))
    throw new HttpFailure('protocol', `the answer is not of gRPC (HTTP status ${head[':status']})`);
  return { status: Number(written), message: String(tail['grpc-message'] ?? head['grpc-message'] ?? '') };
}

function seen({ status, message, body }: Answer): Omit<GrpcObservation, 'durationMs'> {
  if (status !== 0 && status !== notFound)
    throw new ProbeFailure('grpc', `status ${status}${message === '' ? '' : ` (${message})`}`);
  const serving = status === notFound ? 'SERVICE_UNKNOWN' : servingOf(body);
  return { probe: 'grpc', serving, ...factsAs({ serving }, serving) };
}

/** HealthCheckRequest: the name of the service is field 1. */
function question(service: string): Buffer {
  const name = Buffer.from(service);
  if (name.length === 0) return name;
  return Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    bytes.push(left > 0x7f ? (left & 0x7f) | 0x80 : left);
    if (left <= 0x7f) return bytes;
  }
}

/** A message with its head: not compressed, so long. */
function framed(content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** HealthCheckResponse: the status is field 1, a number; one that is not there is 0. */
function servingOf(body: Buffer): GrpcObservation['serving'] {
  if (body.length < 5 || body[0] !== 0 || body.readUInt32BE(1) !== body.length - 5)
    throw new HttpFailure('protocol', 'the answer is not one uncompressed message');
  const message = body.subarray(5);
  const serving =
    message.length === 0 ? 'UNKNOWN' : message[0] === 0x08 ? statuses[message[1] ?? -1] : undefined;
  if (serving === undefined || message.length > 2)
    throw new HttpFailure('protocol', 'the answer is not a HealthCheckResponse');
  return serving;
}

function originOf(text: string): string {
  return URL.canParse(text) ? new URL(text).origin : '(an address that is none)';
}
