import { HttpFailure } from '../../http/faults.js';
import { ProbeFailure } from '../within.js';
import type { Channel } from './channel.js';

/** Packets of the MySQL protocol: each has its length and its number in the conversation. */
export class Packets {
  #number = 0;
  readonly #channel: Channel;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** The next packet; an error of the server is thrown. */
  async next(): Promise<Buffer> {
    const head = await this.#channel.read(4);
    const length = head.readUIntLE(0, 3);
    // 16 MiB and more come in parts; no answer may be that long.
    if (length === 0xff_ffff) throw new HttpFailure('too-large', 'a packet is longer than 16 MiB');
    this.#number = (head[3]! + 1) & 0xff;
    const packet = await this.#channel.read(length);
    if (length === 0) throw new HttpFailure('protocol', 'an empty packet came');
    if (packet[0] === 0xff) throw serverError(packet);
    return packet;
  }

  send(...parts: Buffer[]): void {
    const content = Buffer.concat(parts);
    const head = Buffer.alloc(4);
    head.writeUIntLE(content.length, 0, 3);
    head[3] = this.#number++;
    this.#channel.write(head, content);
  }

  /** Begins a new command. */
  command(code: number, text: string): void {
    this.#number = 0;
    this.send(Buffer.from([code]), Buffer.from(text));
  }
}

function serverError(packet: Buffer): ProbeFailure {
  const message = packet.toString('utf8', 3).replace(/^#.{5}/, '');
  return new ProbeFailure('sql', `${message} (${packet.readUInt16LE(1)})`);
}

/** Reads the fields of a packet in order. */
export class Reader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  bytes(length: number): Buffer {
    const found = this.#bytes.subarray(this.#at, this.#at + length);
    if (found.length < length) throw new HttpFailure('protocol', 'a packet is too short');
    this.#at += length;
    return found;
  }

  skip(length: number): void {
    this.bytes(length);
  }

  int(size: number): number {
    return this.bytes(size).readUIntLE(0, size);
  }

  /** Text up to a zero byte, or to the end. */
  zeroEnded(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = this.#bytes.toString('utf8', this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    return text;
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  /** A number of one to nine bytes. */
  lengthEncoded(): number {
    const first = this.int(1);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.int(2);
    if (first === 0xfd) return this.int(3);
    if (first === 0xfe) return Number(this.bytes(8).readBigUInt64LE());
    throw new HttpFailure('protocol', 'a packet has a length that is none');
  }

  /** Bytes with their length before them; null is NULL. */
  nullableText(): Buffer | null {
    if (this.#bytes[this.#at] === 0xfb) {
      this.#at++;
      return null;
    }
    return this.bytes(this.lengthEncoded());
  }
}
