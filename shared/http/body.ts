import { pipeline, Writable, type Readable, type Transform } from 'node:stream';
import { HttpFailure } from './faults.js';

/** Compressed input may be this much longer than the cap on its output, in bytes: headers and stored blocks. */
const compressionSlack = 65_536;

/** The first byte of zlib data, by which `deflate` is meant unless a server sends the raw form. */
const zlibHeader = 0x78;

/** Encodings stacked deeper than this are an attack, not a page. */
const maxEncodings = 3;

/** What decides how a body is read. */
export interface BodyHead {
  method: string;
  status: number;
  /** The content-encoding header; empty when there is none. */
  encoding: string;
}

/** Reads and decompresses a whole response body; fails as soon as more than `maxBytes` came out. */
export function readBody(response: Readable, head: BodyHead, maxBytes: number): Promise<Uint8Array> {
  const encodings = bodiless(head) ? [] : encodingsOf(head.encoding);
  return encodings.length === 0 ? readPlain(response, maxBytes) : readEncoded(response, encodings, maxBytes);
}

function readPlain(response: Readable, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) response.destroy(tooLarge(maxBytes));
      else chunks.push(chunk);
    });
    response.on('error', reject);
    // concat copies: a kept chunk would keep the whole 64 KiB read buffer it is a slice of.
    response.on('end', () => resolve(Buffer.concat(chunks, length)));
    response.on('close', () => {
      if (!response.readableEnded)
        reject(new HttpFailure('reset', 'the connection closed in the middle of the body'));
    });
  });
}

async function readEncoded(response: Readable, encodings: string[], maxBytes: number): Promise<Uint8Array> {
  const zlib = await import('node:zlib');
  const first = await firstByte(response);
  if (first === undefined) return new Uint8Array(0);
  return new Promise((resolve, reject) => {
    const decoders = encodings
      .toReversed()
      .map((encoding, i) => decoderOf(zlib, encoding, i === 0 ? first : zlibHeader));
    const chunks: Buffer[] = [];
    let length = 0;
    let compressed = 0;
    response.on('data', (chunk: Buffer) => {
      compressed += chunk.length;
      if (compressed > maxBytes + compressionSlack) response.destroy(tooLarge(maxBytes));
    });
    // The sink is a stream of its own: pipeline calls back when the last stream has taken everything in, not when it
    // has given it out.
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        if (length <= maxBytes) chunks.push(chunk);
        done(length > maxBytes ? tooLarge(maxBytes) : null);
      },
    });
    pipeline([response, ...decoders, sink], (error) => {
      if (!error) return resolve(Buffer.concat(chunks, length));
      const isData = error.code?.startsWith('Z_') || error.code?.startsWith('ERR__ERROR_');
      reject(
        isData
          ? new HttpFailure('protocol', `the ${encodings.join(', ')} body is damaged (${error.message})`)
          : error,
      );
    });
  });
}

/** Peeks at the stream: the first byte tells zlib from raw deflate, and a body of no bytes has no encoding. */
function firstByte(response: Readable): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      response.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', onClose);
      act();
    };
    const onReadable = () => {
      const chunk = response.read() as Buffer | null;
      if (chunk) response.unshift(chunk);
      if (chunk) settle(() => resolve(chunk[0]));
    };
    const onEnd = () => settle(() => resolve(undefined));
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () =>
      settle(() => reject(new HttpFailure('reset', 'the connection closed before the body')));
    response.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

function decoderOf(zlib: typeof import('node:zlib'), encoding: string, first: number): Transform {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'br':
      return zlib.createBrotliDecompress();
    default:
      return (first & 0x0f) === 0x08 ? zlib.createInflate() : zlib.createInflateRaw();
  }
}

function encodingsOf(encoding: string): string[] {
  const names = encoding
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  const unknown = names.find((name) => !['gzip', 'x-gzip', 'deflate', 'br'].includes(name));
  if (unknown || names.length > maxEncodings) {
    throw new HttpFailure(
      'protocol',
      `content-encoding ${JSON.stringify(names.join(', '))} is not gzip, deflate or br`,
    );
  }
  return names;
}

/** Whether an answer has no body, whatever its headers say. */
export function bodiless({ method, status }: BodyHead): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

function tooLarge(maxBytes: number): HttpFailure {
  return new HttpFailure('too-large', `the body is longer than ${maxBytes} bytes`);
}
