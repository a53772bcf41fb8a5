import * as z from 'zod';
import { hasOneFormOf } from '../../../../shared/schema/json-form.js';
import type { Accepting } from './check-state.js';

/**
 * A check that must have passed, from a named source: a workflow of this repository, another App, or a person or App
 * that posts statuses.
 */
export type CheckRequirement =
  | {
      from: 'workflow';
      name: string;
      workflow: string;
      events: readonly string[];
      accept: Partial<Accepting>;
    }
  | { from: 'app'; name: string; app: number; accept: Partial<Accepting> }
  | { from: 'status'; name: string; creator: string };

/** The id of GitHub Actions on github.com. */
const actionsApp = 15368;

/** Events whose runs test the commit itself. */
const usualEvents = ['push', 'pull_request', 'merge_group'];

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
  'accept-neutral': z.boolean().optional().describe('For this check, instead of what the gate says.'),
  'accept-skipped': z.boolean().optional().describe('For this check, instead of what the gate says.'),
});

const acceptKeys = ['accept-neutral', 'accept-skipped'] as const;
const mayAccept = acceptKeys.map((key) => `${key}?`);

const formKeys = [
  ['name', 'workflow', 'events?', ...mayAccept],
  ['name', 'app', ...mayAccept],
  ['status', 'creator'],
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
    const { name, workflow, events, app, status, creator } = entry;
    const accept: Partial<Accepting> = {};
    for (const key of acceptKeys) {
      const value = entry[key];
      if (value !== undefined) accept[key] = value;
    }
    if (status && Object.keys(accept).length > 0)
      return refuse('no accept-… beside status: a status has no such state', 'take that key out');
    const given = Object.keys(entry)
      .filter((key) => !key.startsWith('accept-'))
      .sort()
      .join(' ');
    if (app === actionsApp) {
      return refuse(
        'the workflow, for a check of GitHub Actions',
        'replace app by workflow: .github/workflows/<file>.yml',
      );
    }
    if (name && workflow && /^(events )?name workflow$/.test(given)) {
      return { from: 'workflow', name, workflow, events: events ?? usualEvents, accept };
    }
    if (name && app && given === 'app name') return { from: 'app', name, app, accept };
    if (status && creator && given === 'creator status') return { from: 'status', name: status, creator };
    return refuse(
      'name and workflow (and events), or name and app, or status and creator',
      status && !creator
        ? 'add creator: <login>, since any writer can post a status of this name'
        : name && !workflow && !app
          ? 'add workflow: .github/workflows/<file>.yml or app: <id>, since any writer can post a check of this name'
          : `keep the keys of one form (this has ${given || 'none'})`,
    );
  });
