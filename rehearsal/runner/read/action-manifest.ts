import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { scalar } from './yaml-scalar.js';

const manifestShape = z.looseObject({
  inputs: z
    .record(
      z.string(),
      z.looseObject({ default: scalar.optional(), deprecationMessage: z.string().optional() }).nullish(),
    )
    .nullish(),
  runs: z.looseObject({
    using: z.string(),
    main: z.string().optional(),
    pre: z.string().optional(),
    'pre-if': scalar.optional(),
    post: z.string().optional(),
    'post-if': scalar.optional(),
  }),
});

/** A JavaScript action as its `action.yml` declares it. */
export interface ActionManifest {
  folder: string;
  inputs: Record<string, { default?: string | undefined; deprecationMessage?: string | undefined }>;
  main: string;
  pre?: { script: string; condition: string };
  post?: { script: string; condition: string };
}

/** Reads `action.yml` or `action.yaml` of a folder; throws for a missing one and for all but JavaScript actions. */
export function readManifest(folder: string): ActionManifest {
  const file = ['action.yml', 'action.yaml']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined) throw new Error(`Can't find 'action.yml' or 'action.yaml' under '${folder}'`);
  const read = manifestShape.safeParse(parse(readFileSync(file, 'utf8')));
  if (!read.success) {
    throw new Error(
      read.error.issues.map(({ path, message }) => `${file}: ${path.join('.')}: ${message}`).join('\n'),
    );
  }
  const { inputs, runs } = read.data;
  if (!/^node\d+$/.test(runs.using)) {
    throw new Error(
      `${file}: runs.using is '${runs.using}': only JavaScript actions (node24) are served here`,
    );
  }
  if (runs.main === undefined) throw new Error(`${file}: runs.main is missing`);
  return {
    folder,
    inputs: Object.fromEntries(Object.entries(inputs ?? {}).map(([name, input]) => [name, input ?? {}])),
    main: runs.main,
    ...(runs.pre !== undefined && { pre: { script: runs.pre, condition: runs['pre-if'] ?? 'always()' } }),
    ...(runs.post !== undefined && { post: { script: runs.post, condition: runs['post-if'] ?? 'always()' } }),
  };
}
