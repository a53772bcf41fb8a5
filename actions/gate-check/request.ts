import * as z from 'zod';
import { digestSchema, nameSchema, shaSchema } from '../../shared/contracts/formats.js';

/** What is asked: may this release go to this environment, in this attempt of this run. */
export const gateRequestSchema = z.strictObject({
  environment: nameSchema,
  service: nameSchema,
  sha: shaSchema,
  digest: digestSchema,
  /** What the caller says is released; a request, not a proof. */
  kind: z.enum(['release', 'hotfix']),
  /** Who asks. */
  actor: z.string(),
  run: z.strictObject({ id: z.int().positive(), attempt: z.int().positive() }),
  /** Address of the repository's page, the root of evidence links. */
  repositoryUrl: z.string(),
  policy: z.strictObject({ path: z.string(), commit: shaSchema }),
});

export type GateRequest = z.output<typeof gateRequestSchema>;
