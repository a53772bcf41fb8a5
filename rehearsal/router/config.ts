import { readFileSync } from 'node:fs';
import * as z from 'zod';

const hostAndPort = z
  .string()
  .regex(/^\[?[^\s\]]+\]?:\d{1,5}$/, 'expected HOST:PORT, for example "127.0.0.1:8080"');
const weight = z.int().min(0).max(256);

const serverSchema = z.strictObject({
  address: hostAndPort,
  weight: weight.optional(),
  /** Milliseconds between two health checks; none are made without it. */
  check: z.int().positive().optional(),
});
const backendSchema = z.strictObject({
  servers: z.record(z.string(), serverSchema).refine((servers) => Object.keys(servers).length > 0, {
    message: 'a backend needs at least one server',
  }),
});

const schema = z
  .strictObject({
    listen: hostAndPort,
    socket: z.string().min(1),
    /** A second address for the runtime API, HOST:PORT. */
    tcp: hostAndPort.optional(),
    map: z.strictObject({ file: z.string().min(1), key: z.string().min(1), default: z.string().min(1) }),
    backends: z.record(z.string(), backendSchema),
    /** Milliseconds: to connect to a server, to wait for its answer, and for an idle API session. */
    timeouts: z
      .strictObject({
        connect: z.int().positive().optional(),
        server: z.int().positive().optional(),
        session: z.int().positive().optional(),
      })
      .optional(),
  })
  .superRefine((config, ctx) => {
    if (config.map.default in config.backends) return;
    ctx.addIssue({
      code: 'custom',
      path: ['map', 'default'],
      message: `"${config.map.default}" is no backend; allowed: ${Object.keys(config.backends).join(', ')}`,
    });
  });

export type RouterConfig = z.infer<typeof schema>;

/** Reads a router configuration; throws with the file, each wrong field and what is allowed. */
export function readConfig(file: string): RouterConfig {
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new Error(`${file} is no router configuration:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Splits HOST:PORT; an IPv6 host may stand in brackets. */
export function splitAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}
