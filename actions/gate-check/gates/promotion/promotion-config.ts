import * as z from 'zod';
import { duration } from '../../../../shared/config/fields.js';
import { nameSchema } from '../../../../shared/contracts/formats.js';
import { hasOneFormOf } from '../../../../shared/schema/json-form.js';

const readmission = z.strictObject({
  deployment: z.int().positive().describe('Number of the Deployment that was rolled back.'),
  reason: z.string().min(10).max(200).describe('Why that was not the fault of the release.'),
  by: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,39}$/, 'a login')
    .describe('Login of who answers for it.'),
});

const written = z.strictObject({
  from: nameSchema.optional().describe('The environment in which the same release must have succeeded.'),
  'from-all': z
    .array(nameSchema)
    .min(2)
    .optional()
    .describe('Environments in each of which it must have succeeded.'),
  'from-any': z
    .array(nameSchema)
    .min(2)
    .optional()
    .describe('Environments in one of which it must have succeeded.'),
  soak: duration().prefault('0').describe('How long it must have been live there.'),
  readmit: z
    .array(readmission)
    .min(1)
    .max(20)
    .optional()
    .describe('Rollbacks with a cause outside of the release: they do not count against it.'),
});

const formKeys = ['from', 'from-all', 'from-any'].map((key) => [key, 'soak?', 'readmit?']);

/** Which environments come before, and which rollbacks there or here do not count. */
export const promotionSchema = written
  .meta(hasOneFormOf(formKeys))
  .transform((config, ctx) => {
    const { from, 'from-all': all, 'from-any': any, soak, readmit = [] } = config;
    const [environments, ...more] = [from === undefined ? undefined : [from], all, any].filter(
      (one) => one !== undefined,
    );
    if (environments && more.length === 0)
      return { environments, need: any ? ('any' as const) : ('all' as const), soak, readmit };
    if (ctx.issues.length === 0)
      ctx.issues.push({
        code: 'custom',
        message: 'one of from, from-all and from-any',
        input: config,
        params: { fix: 'write for example from: staging' },
      });
    return z.NEVER;
  })
  .describe('The same release succeeded in the environment before.');

export type PromotionConfig = z.output<typeof promotionSchema>;
