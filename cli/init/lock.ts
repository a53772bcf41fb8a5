import { createHash } from 'node:crypto';
import * as z from 'zod';
import { parseConfig, type Parsed } from '../../shared/config/parse.js';
import { channels, places, routers, shapes } from './answers.js';
import { partNames } from './parts/names.js';

export const lockPath = '.github/devops-actions.json';

const texts = z.array(z.string());

/** What init wrote, and by which answers: how a later run knows what is its own. */
const lockSchema = z.strictObject({
  version: z.literal(1),
  answers: z.strictObject({
    suite: z.strictObject({ repository: z.string(), ref: z.string(), version: z.string() }),
    repository: z.string(),
    services: texts,
    environments: texts,
    router: z.enum(routers),
    place: z.enum(places),
    notify: z.array(z.enum(channels)),
    shape: z.enum(shapes),
    runner: texts,
    policy: z.string(),
    owners: texts,
    branch: z.string(),
    ci: z.string(),
    checks: texts,
    // Since these there are locks without them.
    parts: z.array(z.enum(partNames)).default([]),
    python: z.string().default(''),
    node: z.string().default(''),
    terraform: z.string().default(''),
    settings: texts.default([]),
  }),
  /** SHA-256 of each file as init wrote it. */
  files: z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex')),
});

export type Lock = z.output<typeof lockSchema>;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const readLock = (text: string): Parsed<Lock> => parseConfig(text, lockPath, lockSchema);

/** The lock as a file; keys in order, so that it changes only where something did. */
export const writeLock = ({ version, answers, files }: Lock): string =>
  `${JSON.stringify(
    {
      version,
      answers,
      files: Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
    null,
    2,
  )}\n`;
