import * as z from 'zod';
import { digestSchema, nameSchema, shaSchema, versionSchema } from './formats.js';
import { waiverSchema } from './verdict.js';

/**
 * Payload of every GitHub Deployment of the suite. Payloads cannot be changed, so all that is known at creation is
 * here.
 */
export const deploymentPayloadSchema = z.strictObject({
  suite: z.literal('devops-actions/deployment@1'),
  service: nameSchema,
  version: versionSchema,
  /** Same for all records of one release: the staging, the production and the rollback record of it. */
  releaseId: z.string(),
  builtSha: shaSchema,
  releasedSha: shaSchema,
  /** The git tree of the released commit: promotion compares it, since commits differ across squash and merge. */
  tree: shaSchema,
  digest: digestSchema,
  kind: z.enum(['release', 'hotfix', 'rollback']),
  colour: nameSchema,
  /** The Deployment that was live before, when one was. */
  previous: z.int().positive().optional(),
  schema: z.strictObject({ version: z.string(), oldestCompatibleApp: versionSchema }).optional(),
  policyCommit: shaSchema.optional(),
  waivers: z.array(waiverSchema),
  run: z.strictObject({ id: z.int().positive(), attempt: z.int().positive() }),
});

export type DeploymentPayload = z.output<typeof deploymentPayloadSchema>;
export type ReleaseKind = DeploymentPayload['kind'];
