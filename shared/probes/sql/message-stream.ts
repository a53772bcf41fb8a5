import { Duplex } from 'node:stream';
import { HttpFailure } from '../../http/faults.js';
import { ProbeFailure } from '../within.js';
import type { Channel } from './channel.js';

/** Methods of an authentication message. */
const authentication = { ok: 0, scram: 10, scramFinal: 12 };

/**
 * An open channel as the socket that pg expects, message by message: what is longer than the channel allows, cut short
 * or without an end never reaches its parser, and what its parser throws ends the stream instead of the process.
 */
export class MessageStream extends Duplex {
  readonly #channel: Channel;
  #owesProof = false;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
  }

  /** The channel is open already. */
  connect(): this {
    process.nextTick(() => {
      this.emit('connect');
      void this.#receive();
    });
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#channel.write(chunk);
    done();
  }

  async #receive(): Promise<void> {
    try {
      while (!this.destroyed) {
        const head = await this.#channel.read(5);
        const length = head.readInt32BE(1) - 4;
        if (length < 0)
          throw new HttpFailure('protocol', 'the server does not speak the protocol of PostgreSQL');
        const body = await this.#channel.read(length);
        this.#check(String.fromCharCode(head[0]!), body);
        // Not by push(), which would hand it on later, where nothing catches what a listener throws.
        this.emit('data', Buffer.concat([head, body]));
      }
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #check(type: string, body: Buffer): void {
    // The parser looks for the end of an error or notice for ever.
    if ('EN'.includes(type) && !/(^|\0)\0$/.test(body.subarray(-2).toString('latin1')))
      throw new HttpFailure('protocol', 'a message is cut short');
    const method = type === 'R' ? body.readInt32BE(0) : undefined;
    if (method === authentication.scram) this.#owesProof = true;
    if (method === authentication.scramFinal) this.#owesProof = false;
    // pg looks at a proof that comes, but not whether it comes: a server that does not know the password cannot end
    // SCRAM.
    if (this.#owesProof && (method === authentication.ok || type === 'Z'))
      throw new ProbeFailure('sql', 'the server did not prove that it knows the password');
  }
}
