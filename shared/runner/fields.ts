import * as z from 'zod';

/** Marks an input whose value is masked everywhere. */
export interface FieldMeta {
  secret?: boolean;
  /** Default in action.yml where it is an expression that only GitHub can evaluate. */
  expression?: string;
  description?: string;
}

/** What a field says of itself, wherever in a chain of `.optional()`, `.default()` and pipes it was said: a mark that got lost would be a leak. */
export function fieldMeta(field: z.core.$ZodType): FieldMeta {
  const { innerType, in: input } = field._zod.def as { innerType?: z.core.$ZodType; in?: z.core.$ZodType };
  const below = innerType ?? input;
  return { ...(below ? fieldMeta(below) : {}), ...((field as z.ZodType).meta() as FieldMeta | undefined) };
}

/** The token input every action that talks to GitHub has. */
export const githubToken = () =>
  z
    .string()
    .optional()
    .meta({ secret: true, expression: '${{ github.token }}' } satisfies FieldMeta)
    .describe('Token for the GitHub API; the permissions it needs are listed in the README of the action.');
