import * as z from 'zod';
import { duration } from '../../config/fields.js';

/**
 * What every kind of router has in its section: the key by which the kinds are told apart, and the patience with its
 * own health checks.
 */
export const routerFields = <Name extends string>(name: Name) => ({
  type: z.literal(name).describe('Kind of router (docs/traffic.md).'),
  'healthy-within': duration()
    .prefault('30s')
    .describe('How long the router may take to hold the new colour up by its own health checks.'),
});
