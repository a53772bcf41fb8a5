import * as z from 'zod';
import { nameSchema } from '../../contracts/formats.js';

/**
 * A machine behind ssh. Every word goes into the argument vector of the system's client: none can be taken for an
 * option.
 */
const sshSchema = z.strictObject({
  host: z
    .string()
    .regex(
      /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,252}$/,
      'a host name, an address or a Host of the ssh configuration',
    )
    .describe('Host name, address, or Host of the ssh configuration.'),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, 'a user name')
    .optional()
    .describe('User on the machine.'),
  port: z.int().min(1).max(65_535).default(22).describe('Port of the ssh server.'),
  key: sshPath('Private key file; without it the agent (SSH_AUTH_SOCK) is asked.').optional(),
  'known-hosts': sshPath(
    'File with the host keys that are believed; relative to the repository, or absolute. No other file is looked at, and nothing is learned.',
  ),
});

export type SshConfig = z.output<typeof sshSchema>;

/** ssh reads blanks, % and quotes in paths as syntax of its own. */
function sshPath(description: string) {
  return z
    .string()
    .regex(
      /^(~\/)?[A-Za-z0-9_./][A-Za-z0-9_./@+-]{0,1023}$/,
      'a path of letters, digits and _ . / @ + - (ssh reads other characters as syntax)',
    )
    .describe(description);
}

/** The name of a node. */
export const nodeName = nameSchema.describe('Name of the node in messages and reports.');

/** What every node of a router says: its name, and how its machine is reached. */
export const nodeFields = {
  name: nodeName,
  ssh: sshSchema
    .optional()
    .describe('How the machine of the node is reached; without it, it is the one this runs on.'),
};

/** The nodes of a router; `fields` are what its kind needs of each besides. */
export const nodesSchema = <Fields extends z.ZodRawShape>(fields: Fields) =>
  z
    .array(z.strictObject({ ...nodeFields, ...fields }))
    .min(1)
    .refine(
      (nodes) => new Set(nodes.map((node) => (node as { name: string }).name)).size === nodes.length,
      'node names that differ',
    )
    .describe('The routers that share the traffic; each is switched.');

/** What opening a transport takes. */
export interface NodeConfig {
  name: string;
  ssh?: SshConfig | undefined;
}

/** A TCP address as seen from the node. */
export const addressSchema = z
  .string()
  .regex(
    /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+):\d{1,5}$/,
    'an address with its port, such as 127.0.0.1:9999',
  );

/** A file on the node: nothing that a shell, nginx or Caddy could read as syntax. */
export const nodePathSchema = z
  .string()
  .regex(/^\/[A-Za-z0-9_./@+-]{1,1023}$/, 'an absolute path of letters, digits and _ . / @ + -');

/** A command that runs on the node, word by word; no shell takes it apart. */
export const nodeCommandSchema = z
  .array(z.string().regex(/^[^\p{Cc}]{1,1000}$/u, 'a word without control characters'))
  .min(1)
  .transform((words) => words as [string, ...string[]]);
