import * as z from 'zod';
import { parseConfig } from '../config/parse.js';
import { durationForm, parseDuration } from '../time/duration.js';

/** Marks an input whose value is masked everywhere. */
export interface FieldMeta {
  secret?: boolean;
  /** Default in action.yml where it is an expression that only GitHub can evaluate. */
  expression?: string;
}

/** A duration such as `30s`, as milliseconds. */
export const duration = () =>
  z.string().transform((text, ctx) => parseDuration(text) ?? refuse(ctx, durationForm));

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

/** A JSON or YAML document held in the input, checked by its schema. */
export const document = <S extends z.ZodType>(schema: S, name: string) =>
  z.string().transform((text, ctx): z.output<S> => {
    const parsed = parseConfig(text, `input ${name}`, schema);
    if (parsed.ok) return parsed.value;
    return refuse(
      ctx,
      parsed.problems
        .map(
          (p) =>
            `${p.path || 'document'}${p.line ? ` (line ${p.line})` : ''}: got ${p.got}, allowed ${p.allowed}`,
        )
        .join('; '),
    );
  });

/** The token input every action that talks to GitHub has. */
export const githubToken = () =>
  z
    .string()
    .optional()
    .meta({ secret: true, expression: '${{ github.token }}' } satisfies FieldMeta)
    .describe('Token for the GitHub API; the permissions it needs are listed in the README of the action.');

function refuse(ctx: z.core.$RefinementCtx, allowed: string): never {
  ctx.issues.push({ code: 'custom', message: allowed, input: ctx.value });
  return z.NEVER;
}
