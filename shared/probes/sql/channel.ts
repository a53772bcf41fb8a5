import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { HttpFailure } from '../../http/faults.js';

/** Room for handshakes and column descriptions beside the answer itself, in bytes. */
const slack = 65_536;

/**
 * Bytes of a binary protocol, read as many at a time as it says come next; more than `maxBytes` in all is a failure.
 */
export class Channel {
  #stream: Duplex;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #received = 0;
  #failure: unknown;
  #wake: (() => void) | undefined;
  readonly #maxBytes: number;

  constructor(socket: Socket, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#stream = socket;
    this.#listen();
  }

  /** The next `length` bytes. */
  async read(length: number): Promise<Buffer> {
    if (length > this.#maxBytes + slack) throw this.#tooLarge();
    while (this.#buffered < length) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#buffered);
    this.#buffered -= length;
    this.#chunks = this.#buffered === 0 ? [] : [all.subarray(length)];
    return all.subarray(0, length);
  }

  write(...parts: Uint8Array[]): void {
    this.#stream.write(Buffer.concat(parts));
  }

  /** Goes on inside TLS. What came before it in the clear may be forged, so there must be nothing left. */
  async secure(options: ConnectionOptions): Promise<void> {
    if (this.#buffered > 0) throw new HttpFailure('protocol', 'the server sent more than its consent to TLS');
    const plain = this.#stream as Socket;
    plain.removeAllListeners('data').removeAllListeners('error').removeAllListeners('close');
    const secured = connect({ ...options, socket: plain });
    await new Promise<void>((resolve, reject) => {
      secured.once('secureConnect', resolve);
      secured.once('error', reject);
      plain.once('error', reject);
      secured.once('close', () => reject(cut()));
    });
    this.#stream = secured;
    this.#listen();
  }

  close(): void {
    this.#stream.destroy();
  }

  #listen(): void {
    this.#stream.on('data', (chunk: Buffer) => {
      this.#received += chunk.length;
      this.#buffered += chunk.length;
      this.#chunks.push(chunk);
      if (this.#received > this.#maxBytes + slack) this.#stream.destroy(this.#tooLarge());
      this.#wake?.();
    });
    const fail = (error: unknown) => {
      this.#failure ??= error;
      this.#wake?.();
    };
    this.#stream.on('error', fail);
    this.#stream.on('close', () => fail(cut()));
  }

  #tooLarge(): HttpFailure {
    return new HttpFailure('too-large', `the answer is longer than ${this.#maxBytes} bytes`);
  }
}

function cut(): HttpFailure {
  return new HttpFailure('reset', 'the server closed the connection');
}
