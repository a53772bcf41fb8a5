import * as z from 'zod';
import { callSecrets, callWith } from './call-shape.js';
import { scalar } from './yaml-scalar.js';

const texts = z.record(z.string(), scalar);
const oneOrMany = z
  .union([z.string(), z.array(z.string())], 'a name or a list of names was expected')
  .transform((value) => (typeof value === 'string' ? [value] : value));

const grant = z.enum(['read', 'write', 'none']);

/** GitHub docs, "Workflow syntax: permissions"; `id-token` cannot be read, `models` cannot be written. */
export const permissionNames = [
  'actions',
  'artifact-metadata',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'models',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
  'vulnerability-alerts',
] as const;

const permissions = z.union(
  [
    z.enum(['read-all', 'write-all']),
    z.partialRecord(z.enum(permissionNames), grant),
    z.null().transform((): { [name in (typeof permissionNames)[number]]?: z.infer<typeof grant> } => ({})),
  ],
  `read-all, write-all or a map of ${permissionNames.join(', ')} to read, write or none was expected`,
);

const concurrency = z
  .union(
    [
      scalar.transform((group) => ({ group })),
      z.strictObject({
        group: scalar,
        'cancel-in-progress': scalar.optional(),
        queue: z.enum(['single', 'max']).optional(),
      }),
    ],
    'a group name, or {group, cancel-in-progress, queue: single|max} was expected',
  )
  .transform(
    (
      value,
    ): { group: string; 'cancel-in-progress'?: string | undefined; queue?: 'single' | 'max' | undefined } =>
      value,
  );

const defaults = z.strictObject({
  run: z.strictObject({ shell: z.string().optional(), 'working-directory': scalar.optional() }).optional(),
});

const step = z.strictObject({
  id: z.string().optional(),
  name: scalar.optional(),
  if: scalar.optional(),
  uses: z.string().optional(),
  with: texts.optional(),
  run: scalar.optional(),
  shell: z.string().optional(),
  'working-directory': scalar.optional(),
  env: texts.optional(),
  'continue-on-error': scalar.optional(),
  'timeout-minutes': scalar.optional(),
});

/** Keys of every job. */
const anyJob = {
  name: scalar.optional(),
  needs: oneOrMany.optional(),
  if: scalar.optional(),
  permissions: permissions.optional(),
  concurrency: concurrency.optional(),
  strategy: z.unknown().optional(),
};

const stepsJob = z.strictObject({
  ...anyJob,
  'runs-on': z.unknown(),
  services: z.unknown().optional(),
  environment: z
    .union(
      [
        scalar.transform((name) => ({ name })),
        z.strictObject({ name: scalar, url: scalar.optional(), deployment: z.boolean().optional() }),
      ],
      'an environment name, or {name, url, deployment} was expected',
    )
    .transform((value): { name: string; url?: string | undefined; deployment?: boolean | undefined } => value)
    .optional(),
  outputs: texts.optional(),
  env: texts.optional(),
  defaults: defaults.optional(),
  'timeout-minutes': scalar.optional(),
  'continue-on-error': scalar.optional(),
  steps: z.array(step).min(1),
});

/** GitHub docs, "Reusing workflow configurations: supported keywords for jobs that call a reusable workflow". */
const callJob = z.strictObject({
  ...anyJob,
  uses: z.string().min(1),
  with: callWith.optional(),
  secrets: callSecrets.optional(),
  // GitHub changelog 2026-09-10. The caches of this runner are its own, so a limit changes nothing here.
  'cache-mode': z.enum(['read', 'write', 'write-only', 'none']).optional(),
});

/** Chosen by `uses`, so that a problem is told of the one kind that was meant. */
const job = z.unknown().transform((value, context): z.infer<typeof stepsJob> | z.infer<typeof callJob> => {
  const calls = typeof value === 'object' && value !== null && 'uses' in value;
  const read = (calls ? callJob : stepsJob).safeParse(value);
  if (read.success) return read.data;
  for (const issue of read.error.issues) context.issues.push({ ...issue, input: value } as never);
  return z.NEVER;
});

const dispatchInput = z.strictObject({
  description: scalar.optional(),
  required: z.boolean().optional(),
  default: scalar.optional(),
  type: z.enum(['string', 'boolean', 'number', 'choice', 'environment']).default('string'),
  options: z.array(scalar).optional(),
  deprecationMessage: z.string().optional(),
});
export type DispatchInput = z.infer<typeof dispatchInput>;

const events = z
  .union(
    [oneOrMany, z.record(z.string(), z.unknown())],
    'an event, a list of events or a map of events was expected',
  )
  .transform((value) =>
    Array.isArray(value) ? Object.fromEntries(value.map((name) => [name, null])) : value,
  );

/** The shape of the workflow files this runner serves; everything else is an error that names the key. */
export const workflowShape = z.strictObject({
  name: scalar.optional(),
  'run-name': scalar.optional(),
  on: events,
  env: texts.optional(),
  defaults: defaults.optional(),
  permissions: permissions.optional(),
  concurrency: concurrency.optional(),
  jobs: z.record(z.string(), job),
});
export type WorkflowShape = z.infer<typeof workflowShape>;
export type StepsJobShape = z.infer<typeof stepsJob>;
export type CallJobShape = z.infer<typeof callJob>;
export type StepShape = z.infer<typeof step>;
export type PermissionsShape = z.infer<typeof permissions>;
export type ConcurrencyShape = z.infer<typeof concurrency>;

/** What `on.workflow_dispatch` declares. */
export const dispatchShape = z
  .strictObject({ inputs: z.record(z.string(), dispatchInput).nullish() })
  .nullish()
  .transform((value) => value?.inputs ?? {});

/** Keys of the real syntax that this runner does not serve, and what to do instead. */
export const outOfScope: Record<string, string> = {
  container: 'containers are out of scope here: the steps run on this machine',
  snapshot: 'custom images are out of scope here',
};

/** Keys of a job with steps that a job with `uses` may not have: GitHub refuses them, the called workflow has them. */
export const notOfCalls: readonly string[] = Object.keys(stepsJob.shape).filter(
  (key) => !(key in callJob.shape),
);
