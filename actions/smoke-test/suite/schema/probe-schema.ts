import * as z from 'zod';
import { someText } from './some-text.js';
import { duration } from '../../../../shared/config/fields.js';
import { httpSchema } from './http-schema.js';
import { headerName } from './matcher-schema.js';

const timeout = (fallback: string) => duration().prefault(fallback).describe('Limit for one attempt.');
const maxBytes = (fallback: number) => z.int().min(1).max(16_777_216).prefault(fallback);

const tcpSchema = z.strictObject({
  address: someText.describe('host:port'),
  send: someText.optional().describe('Text sent once connected.'),
  read: z
    .enum(['none', 'line', 'close'])
    .prefault('none')
    .describe('What is read: nothing, the first line, or everything until the server closes.'),
  'max-bytes': maxBytes(65_536).describe('Longest text read; a longer one is a failure.'),
  timeout: timeout('10s'),
});

const tlsSchema = z.strictObject({
  address: someText.describe('host or host:port; the port is 443 by default.'),
  'server-name': someText
    .optional()
    .describe('The name asked for, which the certificate must have; default the host.'),
  timeout: timeout('10s'),
});

/** Record types that can be asked for. */
export const recordTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;

const dnsSchema = z.strictObject({
  name: someText.describe('The name that is asked for.'),
  type: z.enum(recordTypes).prefault('A').describe('Type of the records.'),
  server: someText
    .optional()
    .describe("Address of the resolver, with or without port; default the machine's."),
  timeout: timeout('5s'),
});

const sqlSchema = z.strictObject({
  url: someText.describe('postgresql:// or mysql:// address with user and database.'),
  password: someText.optional().describe('Password, when it is not in the url.'),
  query: someText.describe('One statement; values go into params.'),
  params: z
    .array(z.unknown())
    .optional()
    .describe('Values of $1, $2, … (PostgreSQL) or ? (MySQL), in order.'),
  write: z.boolean().prefault(false).describe('Without it the statement runs in a read-only transaction.'),
  tls: z
    .enum(['verify', 'off'])
    .prefault('verify')
    .describe('off sends everything in the clear, the password included.'),
  'max-bytes': maxBytes(1_048_576).describe('Longest answer; a longer one is a failure.'),
  timeout: timeout('10s'),
});

const grpcSchema = z.strictObject({
  url: someText.describe('https://host:port, or http://host:port for HTTP/2 without TLS.'),
  service: z.string().prefault('').describe('Service whose health is asked; empty is the whole server.'),
  metadata: z
    .record(z.string().regex(/^[a-z0-9_.-]+$/, 'a lower-case metadata name'), z.string())
    .optional()
    .describe('Metadata of the call.'),
  timeout: timeout('10s'),
});

const websocketSchema = z.strictObject({
  url: someText.describe('ws:// or wss:// address, or a path that starts with / below the base address.'),
  headers: z.record(headerName, z.string()).optional().describe('Headers of the opening request.'),
  protocols: z
    .array(someText)
    .min(1)
    .optional()
    .describe('Subprotocols, of which the server must choose one.'),
  send: z
    .array(z.unknown())
    .min(1)
    .optional()
    .describe('Messages sent once it is open: a text as it is, anything else as JSON.'),
  messages: z.int().min(0).max(1_000).prefault(1).describe('How many messages are awaited.'),
  'max-bytes': maxBytes(1_048_576).describe('Most bytes of all messages; more are a failure.'),
  timeout: timeout('10s'),
});

const sseSchema = z.strictObject({
  url: someText.describe('An address, or a path that starts with /.'),
  headers: z.record(headerName, z.string()).optional().describe('Headers of the request.'),
  events: z.int().min(1).max(1_000).prefault(1).describe('How many events are awaited.'),
  'max-bytes': maxBytes(1_048_576).describe('Most bytes read; more are a failure.'),
  timeout: timeout('10s'),
});

const browserSchema = z.strictObject({
  url: someText.describe('An address, or a path that starts with /.'),
  'wait-for': someText.optional().describe('A CSS selector that must find something first.'),
  ignore: z.array(someText).min(1).optional().describe('Errors that do not count.'),
  sandbox: z
    .enum(['on', 'off'])
    .prefault('on')
    .describe('off, which root needs, only for pages that are yours.'),
  'max-bytes': maxBytes(4_194_304).describe('Longest document, in characters.'),
  timeout: timeout('30s'),
});

const commandSchema = z.strictObject({
  run: z.array(z.string()).min(1).describe('Program and arguments; no shell takes part.'),
  stdin: z.string().optional().describe('Text on its standard input.'),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/, 'a variable name'), z.string())
    .optional()
    .describe('Variables of the command, besides PATH, HOME, LANG, TMPDIR and USER.'),
  timeout: duration().prefault('30s').describe('The whole process tree is killed then.'),
});

/** The probes a step may be: exactly one of these keys. */
export const probeShape = {
  http: httpSchema.optional().describe('Sends an HTTP request.'),
  tcp: tcpSchema.optional().describe('Opens a TCP connection.'),
  tls: tlsSchema.optional().describe('Makes a TLS handshake and looks at the certificates.'),
  dns: dnsSchema.optional().describe('Asks for DNS records.'),
  sql: sqlSchema.optional().describe('Runs one statement in PostgreSQL, MySQL or MariaDB.'),
  grpc: grpcSchema.optional().describe('Asks for the health of a gRPC service (grpc.health.v1).'),
  websocket: websocketSchema.optional().describe('Talks over a WebSocket.'),
  sse: sseSchema.optional().describe('Reads server-sent events.'),
  browser: browserSchema.optional().describe('Loads a page in the Chromium of the machine.'),
  command: commandSchema.optional().describe('Runs a program.'),
};

export type ProbeName = keyof typeof probeShape;

export const probeNames = Object.keys(probeShape) as ProbeName[];

/** The probe of a step that has exactly one. */
export function probeNameOf(step: { readonly [Name in ProbeName]?: unknown }): ProbeName {
  return probeNames.find((name) => step[name] !== undefined) ?? 'http';
}

/** How long one attempt of a step may take, in milliseconds. */
export function timeoutOf(step: { readonly [Name in ProbeName]?: { timeout: number } | undefined }): number {
  return step[probeNameOf(step)]?.timeout ?? 0;
}

export type TcpStep = z.output<typeof tcpSchema>;
export type TlsStep = z.output<typeof tlsSchema>;
export type DnsStep = z.output<typeof dnsSchema>;
export type SqlStep = z.output<typeof sqlSchema>;
export type GrpcStep = z.output<typeof grpcSchema>;
export type WebSocketStep = z.output<typeof websocketSchema>;
export type CommandStep = z.output<typeof commandSchema>;
