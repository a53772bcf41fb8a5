import * as z from 'zod';
import { durationForm, durationPattern, parseDuration } from '../time/duration.js';

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

const durationText = z.string().regex(durationPattern, durationForm);

/** A duration such as `30s`, as milliseconds. */
export const duration = () =>
  durationText.transform((text, ctx) => parseDuration(text) ?? refuse(ctx, durationForm));

/** A whole number between `min` and `max`. */
export const integer = (min: number, max: number) =>
  z.string().transform((text, ctx) => {
    const value = /^-?\d{1,15}$/.test(text) ? Number(text) : NaN;
    return value >= min && value <= max ? value : refuse(ctx, `a whole number from ${min} to ${max}`);
  });

/** A YAML 1.2 boolean, as @actions/core reads it. */
export const flag = () =>
  z.string().transform((text, ctx) => {
    if (/^(true|True|TRUE)$/.test(text)) return true;
    return /^(false|False|FALSE)$/.test(text) ? false : refuse(ctx, 'true or false');
  });

/** A list with one entry a line; blank lines are left out. */
export const lines = () =>
  z.string().transform((text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );

/** The token input every action that talks to GitHub has. */
export const githubToken = () =>
  z
    .string()
    .optional()
    .meta({ secret: true, expression: '${{ github.token }}' } satisfies FieldMeta)
    .describe('Token for the GitHub API; the permissions it needs are listed in the README of the action.');

/** Refuses the value of an input; `allowed` says what it may be. */
export function refuse(ctx: z.core.$RefinementCtx, allowed: string): never {
  ctx.issues.push({ code: 'custom', message: allowed, input: ctx.value });
  return z.NEVER;
}
