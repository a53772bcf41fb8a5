import type { ConnectionOptions } from 'node:tls';
import type { Channel } from './channel.js';

/** Who asks what: one statement with its values, as a driver gets it. */
export interface Statement {
  user: string;
  password: string;
  database: string;
  query: string;
  /** Values in order, as text that the column's type reads; null is NULL. */
  params: readonly (string | null)[];
  /** Without it the statement runs in a read-only transaction. */
  write: boolean;
  /** How TLS is made, or undefined for none. */
  tls: ConnectionOptions | undefined;
  /** What the server is told to stop at, in milliseconds. */
  timeoutMs: number;
}

/** What came back. */
export interface Rows {
  columns: string[];
  rows: Record<string, unknown>[];
  /** Rows a write changed; undefined for statements that only read. */
  affected?: number;
}

/** Speaks one database's protocol on an open connection. */
export type Driver = (channel: Channel, statement: Statement) => Promise<Rows>;

/** A whole number as a number where that is exact, else as the text it came as. */
export function exactNumber(text: string): number | string {
  const value = Number(text);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)) ? value : text;
}

/** JSON of a database as its value, or as text when it is none. */
export function jsonValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
