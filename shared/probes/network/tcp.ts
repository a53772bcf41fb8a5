import type { LookupFunction } from 'node:net';
import { faultOf } from '../../http/faults.js';
import { shownHost } from '../address.js';
import { parseJson, type Observed, type Probe } from '../probe.js';
import { openSocket, parseAddress, readUntil, type Address } from './socket.js';
import { observeWithin } from '../within.js';

/** One TCP connection, every value resolved. */
export interface TcpProbeStep {
  /** `host:port`. */
  address: string;
  /** Text sent once connected. */
  send?: string | undefined;
  read: 'none' | 'line' | 'close';
  /** Longest text read. */
  maxBytes: number;
}

export interface TcpObservation extends Observed {
  probe: 'tcp';
  connected: boolean;
  /** How it went, in words. */
  detail: string;
}

const newline = 0x0a;

/** Codes of failures on this side of the network, which say nothing of the port. */
const ownFailures = new Set(['ENETUNREACH', 'EADDRNOTAVAIL', 'ENETDOWN']);

/**
 * Observes whether a port accepts connections, and what it says; a refusal and silence are observations, an unknown
 * name, and a machine without a way to the address, are faults.
 */
export function tcpProbe(lookup: LookupFunction): Probe<TcpProbeStep, TcpObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<TcpObservation>(`tcp ${shownHost(step.address)}`, limits, async (signal) => {
        const address = parseAddress(step.address);
        const connection = await tryConnect(address, lookup, signal);
        if (!connection.ok) return seen(false, connection.detail, Buffer.alloc(0));
        const { socket } = connection;
        try {
          if (step.send !== undefined) socket.write(step.send);
          const bytes = step.read === 'none' ? Buffer.alloc(0) : await read(socket, step);
          return seen(true, 'a connection', bytes);
        } finally {
          socket.destroy();
        }
      }),
  };
}

async function tryConnect(address: Address, lookup: LookupFunction, signal: AbortSignal) {
  try {
    return { ok: true as const, socket: await openSocket(address, lookup, signal) };
  } catch (error) {
    const { kind, message } = faultOf(error, `tcp ${address.host}:${address.port}`);
    if ((kind !== 'refused' && kind !== 'timeout') || isOwn(error)) throw error;
    return { ok: false as const, detail: `${kind}: ${message}` };
  }
}

/** Whether no address of the host could even be tried. */
function isOwn(error: unknown): boolean {
  const all: unknown[] = error instanceof AggregateError ? error.errors : [error];
  return all.every((one) => ownFailures.has(String((one as NodeJS.ErrnoException).code)));
}

async function read(
  socket: Parameters<typeof readUntil>[0],
  { read, maxBytes }: TcpProbeStep,
): Promise<Buffer> {
  const bytes = await readUntil(socket, maxBytes, (chunk) => read === 'line' && chunk.includes(newline));
  if (read === 'close') return bytes;
  const end = bytes.indexOf(newline);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  return line.at(-1) === 0x0d ? line.subarray(0, -1) : line;
}

function seen(connected: boolean, detail: string, bytes: Buffer): Omit<TcpObservation, 'durationMs'> {
  const text = bytes.toString('utf8');
  return {
    probe: 'tcp',
    connected,
    detail,
    size: bytes.length,
    text: () => text,
    json: () => parseJson(text),
  };
}
