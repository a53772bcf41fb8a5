import * as z from 'zod';
import { hasOneFormOf } from '../../../../shared/schema/json-form.js';
import type { Accepting } from './check-state.js';

/**
 * A check that must have passed, from a named source: a workflow of this repository, another App, or a person or App
 * that posts statuses.
 */
export type CheckRequirement = Where &
  (
    | {
        from: 'workflow';
        name: string;
        workflow: string;
        events: readonly string[];
        accept: Partial<Accepting>;
      }
    | { from: 'app'; name: string; app: number; accept: Partial<Accepting> }
    | { from: 'status'; name: string; creator: string }
  );

/** The commit on which it must have passed. */
export interface Where {
  on: On;
  /** The branch that the pull request must have gone into; by default the default branch. */
  into?: string | undefined;
}

const placesOf = ['commit', 'pull-request', 'merge-group'] as const;
type On = (typeof placesOf)[number];

/** The id of GitHub Actions on github.com. */
const actionsApp = 15368;

/**
 * Events that count where the policy names none. A run for a pull request is none of the commit's: GitHub runs the
 * workflow of a merge with whatever branch the pull request goes into, and anybody may open one into a branch of theirs.
 */
const usualEvents: Record<On, readonly string[]> = {
  commit: ['push', 'merge_group'],
  'pull-request': ['pull_request'],
  'merge-group': ['merge_group'],
};

const written = z.strictObject({
  name: z
    .string()
    .min(1)
    .optional()
    .describe('Name of the check: of the job, for a workflow, where * stands for any characters.'),
  workflow: z
    .string()
    .regex(/^\.github\/workflows\/[^/]+\.ya?ml$/, 'the path of a workflow, such as .github/workflows/ci.yml')
    .optional()
    .describe('The workflow whose job it is.'),
  events: z.array(z.string()).min(1).optional().describe('Events that may have started the workflow.'),
  app: z.int().positive().optional().describe('Id of the GitHub App that posts the check.'),
  status: z.string().min(1).optional().describe('Context of a commit status.'),
  creator: z
    .string()
    .min(1)
    .optional()
    .describe('Login of who posts the status; an App is its slug with [bot].'),
  on: z
    .enum(placesOf)
    .optional()
    .describe(
      'Where it must have passed: on the released commit (by default), on the head of the pull request that brought it, or for the merge group of the same files.',
    ),
  into: z
    .string()
    .min(1)
    .optional()
    .describe('With on: pull-request, the branch it went into; by default the default branch.'),
  'accept-neutral': z.boolean().optional().describe('For this check, instead of what the gate says.'),
  'accept-skipped': z.boolean().optional().describe('For this check, instead of what the gate says.'),
});

const acceptKeys = ['accept-neutral', 'accept-skipped'] as const;
const mayAccept = acceptKeys.map((key) => `${key}?`);

const formKeys = [
  ['name', 'workflow', 'events?', 'on?', 'into?', ...mayAccept],
  ['name', 'app', 'on?', 'into?', ...mayAccept],
  ['status', 'creator', 'on?', 'into?'],
];

/** One entry of `required`. The source is not optional: anybody who can write can post a green check of any name. */
export const requirementSchema = written
  .meta(hasOneFormOf(formKeys))
  .transform((entry, ctx): CheckRequirement => {
    if (ctx.issues.length > 0) return z.NEVER;
    const refuse = (allowed: string, fix: string) => {
      ctx.issues.push({ code: 'custom', message: allowed, input: entry, params: { fix } });
      return z.NEVER;
    };
    const { name, workflow, events, app, status, creator, on = 'commit', into } = entry;
    const where: Where = { on, ...(into === undefined ? {} : { into }) };
    if (into !== undefined && on !== 'pull-request')
      return refuse('into only beside on: pull-request', 'take into out, or add on: pull-request');
    if (on === 'merge-group' && (app !== undefined || status !== undefined))
      return refuse(
        'on: merge-group beside a workflow only',
        'write on: commit: a merge queue puts the very commit that it tested on the branch',
      );
    if (on === 'merge-group' && events?.some((event) => event !== 'merge_group'))
      return refuse('no events but merge_group beside on: merge-group', 'take events out');
    const accept: Partial<Accepting> = {};
    for (const key of acceptKeys) {
      const value = entry[key];
      if (value !== undefined) accept[key] = value;
    }
    if (status && Object.keys(accept).length > 0)
      return refuse('no accept-… beside status: a status has no such state', 'take that key out');
    const given = Object.keys(entry)
      .filter((key) => !key.startsWith('accept-') && key !== 'on' && key !== 'into')
      .sort()
      .join(' ');
    if (app === actionsApp) {
      return refuse(
        'the workflow, for a check of GitHub Actions',
        'replace app by workflow: .github/workflows/<file>.yml',
      );
    }
    if (creator !== undefined && /^github-actions(\[bot\])?$/i.test(creator))
      return refuse(
        'no status of GitHub Actions: whoever may push a workflow can have it post one',
        'replace status and creator by name: <job> and workflow: .github/workflows/<file>.yml',
      );
    if (name && workflow && /^(events )?name workflow$/.test(given)) {
      return { from: 'workflow', name, workflow, events: events ?? usualEvents[on], accept, ...where };
    }
    if (name && app && given === 'app name') return { from: 'app', name, app, accept, ...where };
    if (status && creator && given === 'creator status')
      return { from: 'status', name: status, creator, ...where };
    return refuse(
      'name and workflow (and events), or name and app, or status and creator',
      status && !creator
        ? 'add creator: <login>, since any writer can post a status of this name'
        : name && !workflow && !app
          ? 'add workflow: .github/workflows/<file>.yml or app: <id>, since any writer can post a check of this name'
          : `keep the keys of one form (this has ${given || 'none'})`,
    );
  });
