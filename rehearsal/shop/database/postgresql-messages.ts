import type { Readable } from 'node:stream';

/** One message of a client: its type, and the whole of it as it came. */
export interface ClientMessage {
  type: string;
  frame: Buffer;
}

const longest = 1_048_576;

/** Reads what a client of PostgreSQL sends, message by message; its end is an error. */
export class PostgresqlReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The first message: the version of the protocol, then names and values. */
  async startup(): Promise<{ version: number; parameters: Record<string, string> }> {
    const body = await this.take((await this.length()) - 4);
    const texts = body.toString('utf8', 4).split('\0');
    const pairs = texts.flatMap((name, index) =>
      index % 2 === 0 && name !== '' ? [[name, texts[index + 1] ?? '']] : [],
    );
    return { version: body.readInt32BE(0), parameters: Object.fromEntries(pairs) as Record<string, string> };
  }

  /** The next message after the startup. */
  async message(): Promise<ClientMessage> {
    const type = await this.take(1);
    const length = await this.length();
    const frame = Buffer.concat([type, int32(length), await this.take(length - 4)]);
    return { type: type.toString(), frame };
  }

  /** The next message, which must be the client's part of an authentication. */
  async password(): Promise<string> {
    const { type, frame } = await this.message();
    if (type !== 'p') throw new Error(`a message of type ${type} during the login`);
    return frame.toString('utf8', 5);
  }

  private async length(): Promise<number> {
    const length = (await this.take(4)).readInt32BE(0);
    if (length < 4 || length > longest) throw new Error(`a message of ${length} bytes`);
    return length;
  }

  private async take(length: number): Promise<Buffer> {
    while (this.rest.length < length) {
      const { value, done } = await this.chunks.next();
      if (done) throw new Error('the client is gone');
      this.rest = Buffer.concat([this.rest, value]);
    }
    const taken = this.rest.subarray(0, length);
    this.rest = this.rest.subarray(length);
    return taken;
  }
}

/** A message of the server. */
export function message(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

/** An error that ends the connection; `code` is an SQLSTATE. */
export function errorMessage(code: string, text: string): Buffer {
  const fields = ['SFATAL', 'VFATAL', `C${code}`, `M${text}`, ''];
  return message('E', ...fields.map(cString));
}

export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
