import * as z from 'zod';
import { lines, refuse } from '../../shared/config/fields.js';
import { environmentInput, githubToken, type FieldMeta } from '../../shared/runner/fields.js';

/** A path inside the repository, as the workflow and this action understand it without quoting. */
const folder = /^(?!\/)(?!-)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/;
/** An address may have a key in quotes, with spaces in it. */
const address = /(?:\["(?:[^"\\]|\\.)*"\]|\S)+/g;

export const inputs = z.strictObject({
  environment: environmentInput().describe('Environment that the plan is for.'),
  folders: z
    .string()
    .transform((text, context) => {
      const all = text.split(/\s+/).filter((one) => one !== '');
      return all.length > 0 && all.every((one) => folder.test(one)) && new Set(all).size === all.length
        ? all
        : refuse(context, 'folders of the repository, each once, separated by spaces');
    })
    .meta({ example: 'infrastructure' } satisfies FieldMeta)
    .describe('Folders that were planned, separated by spaces.'),
  plans: z
    .string()
    .default('.plans')
    .describe(
      'Folder with what "terraform show -json" or "tofu show -json" wrote of each plan: 0.json for the first folder, 1.json for the second.',
    ),
  mode: z
    .enum(['review', 'apply', 'drift'])
    .default('apply')
    .describe(
      'review: a plan on hold warns. apply: it fails. drift: every change fails, and no policy is asked.',
    ),
  stateful: lines()
    .prefault('')
    .describe('Types of resources that hold data, one a line, beside those that are known.'),
  stateless: lines()
    .prefault('')
    .refine(
      (all) => all.every((one) => /^[\w-]{2,}\*?$/.test(one)),
      'types such as acme_rule, or acme_rule_* for every rest',
    )
    .describe(
      'Types of resources that hold no data, one a line, beside those that are known; * at the end is any rest. A type that is in neither list is on hold when it would be destroyed.',
    ),
  'may-destroy': z
    .string()
    .default('')
    .transform((text) => [...text.matchAll(address)].map(([one]) => one))
    .describe(
      'Addresses of resources with data that a person lets the plan destroy, separated by spaces or lines; FOLDER:ADDRESS where several folders lose the same address.',
    ),
  policies: z
    .string()
    .optional()
    .describe(
      'Folder of the default branch with policies in Rego: "package plan", and texts in "deny". Empty: none is asked.',
    ),
  comment: z
    .enum(['true', 'false'])
    .default('true')
    .describe('Keep one comment on the pull request that started the run. Needs pull-requests: write.'),
  'github-token': githubToken(),
});

export type Inputs = z.output<typeof inputs>;

export const outputs = z.strictObject({
  result: z
    .enum(['unchanged', 'changes', 'held', 'denied', 'drift', 'blind'])
    .describe(
      'held: it destroys what holds data, and nobody named it. denied: a policy says no. drift: it was to be unchanged. blind: a plan or a policy cannot be read.',
    ),
  report: z.string().describe('Path of the JSON report (schemas/plan-report.json).'),
  changes: z.string().describe('true when there is something to apply; false when all is as it should be.'),
  destroys: z.string().describe('How many resources would be destroyed, those that are replaced among them.'),
});

export type Outputs = z.output<typeof outputs>;
