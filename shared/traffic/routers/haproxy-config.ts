import * as z from 'zod';
import { nameSchema } from '../../contracts/formats.js';

/** Words that go into a command line of the runtime API: nothing that could end or extend one. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9_.:/-]{1,200}$/, 'letters, digits and _ . : / - only (it goes into an HAProxy command)');

const common = {
  type: z.literal('haproxy'),
  nodes: z
    .array(
      z.strictObject({
        name: nameSchema,
        socket: z.string().startsWith('/', 'an absolute path of the stats socket (level admin)'),
      }),
    )
    .min(1)
    .refine(
      (nodes) => new Set(nodes.map((node) => node.name)).size === nodes.length,
      'node names that differ',
    ),
};

/** HAProxy: one key of a map chooses the backend (atomic), or server weights inside one backend. */
export const haproxySchema = z.discriminatedUnion('mode', [
  z.strictObject({
    ...common,
    mode: z.literal('map'),
    map: word.startsWith('/', 'the absolute path of the map file, as in use_backend %[…,map(PATH)]'),
    key: word,
    backends: z.record(nameSchema, word),
    persist: z
      .boolean()
      .default(true)
      .describe('Also write the map file: a runtime change alone is lost when HAProxy reloads.'),
  }),
  z.strictObject({
    ...common,
    mode: z.literal('servers'),
    backend: word,
    servers: z.record(nameSchema, z.array(word).min(1)),
  }),
]);

export type HaproxyConfig = z.output<typeof haproxySchema>;
export type HaproxyMapConfig = Extract<HaproxyConfig, { mode: 'map' }>;
export type HaproxyServersConfig = Extract<HaproxyConfig, { mode: 'servers' }>;
