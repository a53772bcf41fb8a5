import * as z from 'zod';
import { routerFields } from '../router-type.js';
import { nameSchema } from '../../../contracts/formats.js';
import { nodeCommandSchema, nodePathSchema, nodesSchema } from '../../transports/config.js';
import { liveProbeSchema } from '../live-probe.js';
import { distinctBackends } from '../watched-fields.js';

/** Words that go into the include file: nothing that could end or extend a directive. */
const word = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/, 'letters, digits and _ . - only (it goes into an nginx file)');

const folderOf = (path: string) => path.slice(0, path.lastIndexOf('/'));

const flags = z.record(nameSchema, nodePathSchema).superRefine((paths, ctx) => {
  const all = Object.values(paths);
  if (new Set(all).size !== all.length || new Set(all.map(folderOf)).size > 1)
    ctx.addIssue({ code: 'custom', message: 'different files in one folder (a rename inside it is atomic)' });
});

const commands = {
  test: nodeCommandSchema.prefault(['nginx', '-t']).describe('Checks the configuration before a reload.'),
  reload: nodeCommandSchema.prefault(['nginx', '-s', 'reload']).describe('Makes nginx read its files again.'),
};

/**
 * nginx: a flag file that the configuration tests at each request, or an include file or a symbolic link and a reload.
 */
export const nginxSchema = z.discriminatedUnion('mode', [
  z.strictObject({
    ...routerFields('nginx'),
    mode: z.literal('flag').default('flag').describe('How traffic is moved (docs/routers/nginx.md).'),
    nodes: nodesSchema({ probe: liveProbeSchema.optional() }),
    flags: flags.describe('Flag file of each colour; exactly one exists, and it is renamed.'),
  }),
  z.strictObject({
    ...routerFields('nginx'),
    mode: z.literal('include').describe('How traffic is moved (docs/routers/nginx.md).'),
    nodes: nodesSchema({ probe: liveProbeSchema }),
    include: nodePathSchema.describe('File of this suite that the http block includes.'),
    variable: z
      .string()
      .regex(
        /^[a-z][a-z0-9_]{0,49}$/,
        'lower-case letters, digits and _ (the name of an nginx variable, without $)',
      )
      .default('live')
      .describe('The nginx variable that holds the live upstream.'),
    upstreams: distinctBackends(z.record(word, word)).describe('Name of the upstream of each colour.'),
    ...commands,
  }),
  z.strictObject({
    ...routerFields('nginx'),
    mode: z.literal('symlink').describe('How traffic is moved (docs/routers/nginx.md).'),
    nodes: nodesSchema({ probe: liveProbeSchema }),
    link: nodePathSchema.describe('The symbolic link that the configuration includes.'),
    targets: distinctBackends(z.record(nameSchema, nodePathSchema)).describe(
      'File to which the link leads where the colour is live.',
    ),
    ...commands,
  }),
]);

export type NginxConfig = z.output<typeof nginxSchema>;
export type NginxFlagConfig = Extract<NginxConfig, { mode: 'flag' }>;
export type NginxIncludeConfig = Extract<NginxConfig, { mode: 'include' }>;
export type NginxSymlinkConfig = Extract<NginxConfig, { mode: 'symlink' }>;
