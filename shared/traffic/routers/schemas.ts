import * as z from 'zod';
import { haproxySchema } from './haproxy-config.js';

/** Every kind of router; one line each. */
export const routerSchema = z.discriminatedUnion('type', [haproxySchema]);

export type RouterConfig = z.output<typeof routerSchema>;

/** The key of a router section under which its colours stand, and their names. */
export function colourKeys(router: RouterConfig): { key: string; names: string[] } {
  const key = 'backends' in router ? 'backends' : 'servers';
  return { key, names: Object.keys('backends' in router ? router.backends : router.servers) };
}
