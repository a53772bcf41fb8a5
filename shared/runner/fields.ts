import * as z from 'zod';
import { digestSchema, nameSchema } from '../contracts/formats.js';

/** Marks an input whose value is masked everywhere. */
export interface FieldMeta {
  secret?: boolean;
  /** Default in action.yml where it is an expression that only GitHub can evaluate. */
  expression?: string;
  description?: string;
  /** What people write for the input, shown when it is missing. */
  example?: string;
  /** What was meant by a value that does not fit; undefined when that is not clear. */
  corrected?: (text: string) => string | undefined;
}

/**
 * What a field says of itself, wherever in a chain of `.optional()`, `.default()` and pipes it was said: a mark that
 * got lost would be a leak.
 */
export function fieldMeta(field: z.core.$ZodType): FieldMeta {
  const { innerType, in: input } = field._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const below = innerType ?? input;
  return { ...(below ? fieldMeta(below) : {}), ...((field as z.ZodType).meta() as FieldMeta | undefined) };
}

/** The input that names a GitHub environment. */
export const environmentInput = () => nameSchema.meta({ example: 'production' } satisfies FieldMeta);

/** The input that names the service. */
export const serviceInput = () => nameSchema.meta({ example: 'shop' } satisfies FieldMeta);

/** The input for the digest of an artifact. */
export const digestInput = () =>
  digestSchema.meta({
    example: '${{ needs.build.outputs.digest }}',
    corrected: digestIn,
  } satisfies FieldMeta);

/** The digest in an image reference, in a list of one such as Docker prints, or in bare hex digits. */
function digestIn(text: string): string | undefined {
  const bare = text.replace(/^[\s"'[]+|[\s"'\]]+$/g, '');
  const hex = /^(?:[^\s@]*@)?(?:sha256:)?([0-9a-f]{64})$/i.exec(bare)?.[1];
  return hex === undefined ? undefined : `sha256:${hex.toLowerCase()}`;
}

/** The token input every action that talks to GitHub has. */
export const githubToken = () =>
  z
    .string()
    .optional()
    .meta({ secret: true, expression: '${{ github.token }}' } satisfies FieldMeta)
    .describe('Token for the GitHub API; the permissions it needs are listed in the README of the action.');
