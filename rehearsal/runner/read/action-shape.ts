import * as z from 'zod';
import { scalar } from './yaml-scalar.js';

const texts = z.record(z.string(), scalar);

/** actions/runner, action_yaml.json: `action-root`. */
export const actionShape = z.looseObject({
  inputs: z
    .record(
      z.string(),
      z.looseObject({ default: scalar.optional(), deprecationMessage: z.string().optional() }).nullish(),
    )
    .nullish(),
  outputs: z.record(z.string(), z.looseObject({ value: scalar.optional() }).nullish()).nullish(),
  runs: z.looseObject({
    using: z.string(),
    main: z.string().optional(),
    pre: z.string().optional(),
    'pre-if': scalar.optional(),
    post: z.string().optional(),
    'post-if': scalar.optional(),
  }),
});
export type ActionShape = z.infer<typeof actionShape>;

/** The same file: `composite-runs`, whose steps have fewer keys than those of a workflow. */
export const compositeRuns = z.strictObject({
  using: z.string(),
  steps: z.array(
    z.strictObject({
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
    }),
    'Required property is missing: steps',
  ),
});
