import * as z from 'zod';
import { defineScanner, type Found } from './scanner.js';

/**
 * `kubeconform -strict -summary -output json`. It ends with 1 for a manifest that is wrong and for one that it could not
 * look at alike: a schema that did not come, or a file that is no manifest.
 */
export const kubeconform = defineScanner({
  unit: 'manifests',
  exits: { found: [1] },
  schema: z.object({
    resources: z.array(
      z.object({
        filename: z.string(),
        kind: z.string(),
        name: z.string(),
        status: z.string(),
        msg: z.string().default(''),
        validationErrors: z.array(z.object({ path: z.string(), msg: z.string() })).nullish(),
      }),
    ),
    summary: z.object({ valid: z.int(), invalid: z.int(), errors: z.int(), skipped: z.int() }),
  }),
  read({ resources, summary }) {
    const invalid = resources.filter(({ status }) => status === 'statusInvalid');
    const others = resources.filter(({ status }) => !known.includes(status));
    const named = [...invalid, ...others].length;
    return {
      lookedAt: summary.valid + summary.invalid,
      findings: invalid.map(({ filename: file, kind, name, msg, validationErrors }): Found => {
        const wrong = validationErrors?.map((each) => `${each.path} ${each.msg}`).join('; ') || msg;
        return { id: 'invalid-manifest', severity: 'high', title: `${kind} ${name}: ${wrong}`, file };
      }),
      blind: [
        ...others.map(({ filename, kind, name, msg }) =>
          [`${filename}:`, kind, name, msg].filter(Boolean).join(' '),
        ),
        ...(summary.invalid + summary.errors > named
          ? [`it counts ${summary.invalid + summary.errors} manifests that are wrong and names ${named}`]
          : []),
      ],
    };
  },
});

const known = ['statusValid', 'statusInvalid', 'statusSkipped', 'statusEmpty'];
