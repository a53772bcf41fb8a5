import * as z from 'zod';

const count = z.int().min(0);

export const planActions = ['destroy', 'replace', 'update', 'create', 'other'] as const;

const change = z.strictObject({
  folder: z.string(),
  address: z.string(),
  type: z.string(),
  action: z
    .enum(planActions)
    .describe('other: what changes the state alone, such as an import, a move or a resource let go.'),
  stateful: z.boolean().describe('It holds data that a new one does not have, or nobody knows of its type.'),
  unsure: z.literal(true).optional().describe('Its type is known neither to hold data nor to hold none.'),
  attributes: z
    .array(z.strictObject({ name: z.string(), before: z.string(), after: z.string() }))
    .describe('What differs, cut; what is sensitive is "(sensitive)".'),
});

/** What a plan of Terraform or OpenTofu would do, and whether it may. */
export const planReportSchema = z.strictObject({
  schema: z.literal('devops-actions/plan-report@1'),
  result: z
    .enum(['unchanged', 'changes', 'held', 'denied', 'drift', 'blind'])
    .describe(
      'held: it destroys what holds data, and nobody named it. denied: a policy says no. drift: it was to be unchanged. blind: a plan or a policy cannot be read.',
    ),
  mode: z.enum(['review', 'apply', 'drift']),
  message: z.string(),
  environment: z.string(),
  folders: z
    .array(
      z.strictObject({
        folder: z.string(),
        destroy: count,
        replace: count,
        update: count,
        create: count,
        other: count,
        outputs: count.describe('Outputs that change.'),
        blind: z.string().optional().describe('Why nothing is known of it.'),
      }),
    )
    .min(1),
  changes: z.array(change).describe('Those that destroy come first.'),
  held: z
    .array(z.string())
    .describe(
      'Addresses that hold data, or may, would be destroyed, and were not named. With FOLDER: before it where several folders lose the same address.',
    ),
  policies: z.array(
    z.strictObject({
      file: z.string(),
      folder: z.string(),
      is: z.enum(['allowed', 'denied', 'error']),
      reasons: z.array(z.string()),
    }),
  ),
  notes: z.array(z.string()),
});

export type PlanReport = z.output<typeof planReportSchema>;
export type PlanChange = z.output<typeof change>;
