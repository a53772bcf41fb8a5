import type { IncomingMessage } from 'node:http';

/** Fields that belong to one connection, RFC 9110 section 7.6.1. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Header lines to pass on, flat as in `rawHeaders`: case, order and repeats are kept. */
export function endToEnd(message: IncomingMessage): string[] {
  const named = message.headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: string[] = [];
  const raw = message.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] ?? '';
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower) && !named.includes(lower)) kept.push(name, raw[i + 1] ?? '');
  }
  return kept;
}

export function hasBody(request: IncomingMessage): boolean {
  return (
    request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  );
}

const bodyless = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']);

/** May this request be sent again though the server might have seen it? (RFC 9110 section 9.2.2) */
export function repeatable(request: IncomingMessage): boolean {
  return bodyless.has(request.method ?? '') && !hasBody(request);
}

/** The request's header lines as its server gets them. */
export function towardsServer(request: IncomingMessage): string[] {
  const lines = endToEnd(request);
  const client = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  lines.push('x-forwarded-for', client);
  if (request.headers['transfer-encoding'] !== undefined) lines.push('transfer-encoding', 'chunked');
  else if (request.headers['content-length'] === undefined && !bodyless.has(request.method ?? '')) {
    lines.push('content-length', '0');
  }
  return lines;
}
