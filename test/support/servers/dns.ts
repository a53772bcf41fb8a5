import { createSocket } from 'node:dgram';

/**
 * What a name server answers to one question: records as raw data, or a response code (3 = no such name, 2 = failure).
 */
export type DnsAnswer = { type: number; data: Buffer }[] | number | 'silence';

/** A name server on loopback by UDP, with just enough of RFC 1035 for one question at a time. */
export async function serveDns(answer: (name: string, type: number) => DnsAnswer) {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    const found = answer(name, type);
    if (found === 'silence') return;
    const records = typeof found === 'number' ? [] : found;
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8180 | (typeof found === 'number' ? found : 0), 2);
    head.writeUInt16BE(records.length, 6);
    head.writeUInt16BE(0, 8);
    head.writeUInt16BE(0, 10);
    const written = records.map((record) => {
      const fixed = Buffer.alloc(12);
      fixed.writeUInt16BE(0xc00c);
      fixed.writeUInt16BE(record.type, 2);
      fixed.writeUInt16BE(1, 4);
      fixed.writeUInt32BE(60, 6);
      fixed.writeUInt16BE(record.data.length, 10);
      return Buffer.concat([fixed, record.data]);
    });
    socket.send(Buffer.concat([head, query.subarray(12, end), ...written]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    server: `127.0.0.1:${socket.address().port}`,
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** A name as it stands in a record. */
export function dnsName(name: string): Buffer {
  return Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}
