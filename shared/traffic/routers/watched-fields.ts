import * as z from 'zod';

/**
 * The address of an administration port, on the node's own loopback interface as a rule; ssh carries it without TLS.
 */
export const nodeUrl = z
  .url({ protocol: /^http$/, error: 'an http address such as http://127.0.0.1:8080' })
  .refine(
    (url) => !/[?#]/.test(url) && !/\/\/[^/]*@/.test(url),
    'an address without user, query or fragment',
  );

/** An absolute path with an ending that the product reads. */
export const watchedPath = (ending: RegExp, form: string) =>
  z
    .string()
    .regex(/^\/[^\s"'\\{}]{0,1000}$/, form)
    .regex(ending, form);

/** Backends by colour; the same one twice would make the colours one. */
export const distinctBackends = <S extends z.ZodType<Record<string, string>>>(backends: S) =>
  backends.refine(
    (given) => new Set(Object.values(given)).size === Object.keys(given).length,
    'a backend of its own for each colour',
  );
