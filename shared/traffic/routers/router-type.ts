import * as z from 'zod';

/** The key by which the kinds of router are told apart. */
export const routerType = <Name extends string>(name: Name) =>
  z.literal(name).describe('Kind of router (docs/traffic.md).');
