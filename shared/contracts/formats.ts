import * as z from 'zod';

/** A full git object id, lower case. */
export const shaSchema = z.string().regex(/^[0-9a-f]{40}$/, 'a full commit sha: 40 lower-case hex digits');

/** An artifact's content digest, as registries write it. */
export const digestSchema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'a digest such as sha256:<64 lower-case hex digits>');

/** Names of services, environments and colours: what every provider, ref and label can carry. */
export const nameSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._/-]{0,99}$/,
    'a name of letters, digits, space, dot, dash, underscore or slash, at most 100 long',
  );

/** A version as people write it. Its order among others: `compareVersions`. */
export const versionSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.+_-]{0,127}$/, 'a version such as 1.4.2');

/** An instant in UTC, ISO 8601. */
export const instantSchema = z.iso.datetime({ error: 'an instant such as 2026-01-31T12:00:00Z' });
