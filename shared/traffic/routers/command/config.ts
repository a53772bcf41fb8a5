import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nodeName } from '../../transports/config.js';
import { nameSchema } from '../../../contracts/formats.js';
import { duration } from '../../../config/fields.js';
import { distinctBackends } from '../watched-fields.js';

const vector = z
  .array(z.string().regex(/^[^\0]*$/, 'a word without a zero byte'))
  .min(1)
  .refine(([executable]) => executable !== '', { path: [0], message: 'the path or name of an executable' })
  .transform((words) => words as [string, ...string[]])
  .describe('An executable and its arguments; no shell reads them.');

/** The team's own commands: for a CDN, a feature flag service, Terraform, or anything that can be told and asked. */
export const commandSchema = z.strictObject({
  ...routerFields('command'),
  nodes: z
    .array(
      z.strictObject({
        name: nodeName,
        read: vector.describe('Prints {"weights": {"blue": 100, "green": 0}} and nothing else.'),
        set: vector.describe('Gets {"weights": …, "from": …} on its standard input and as last argument.'),
      }),
    )
    .min(1)
    .refine(
      (nodes) => new Set(nodes.map((node) => node.name)).size === nodes.length,
      'node names that differ',
    )
    .describe('The routers that share the traffic; each is switched.'),
  backends: distinctBackends(z.record(nameSchema, z.string().min(1).max(200))).describe(
    'What the commands call each colour.',
  ),
  env: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable')
        .regex(
          /^(?!INPUT_|ACTIONS_|GITHUB_(?!TOKEN$)|RUNNER_)/i,
          'a variable of your own, not one of the runner',
        ),
    )
    .default([])
    .describe(
      'Variables of the step handed on to the commands; nothing else is, but PATH, HOME and the like.',
    ),
  weighted: z
    .boolean()
    .default(false)
    .describe('Whether the commands can share traffic between the colours.'),
  timeout: duration().prefault('2m').describe('Longest run of one command.'),
  within: duration().prefault('30s').describe('Longest wait, after "set", for "read" to show it.'),
});

export type CommandConfig = z.output<typeof commandSchema>;
