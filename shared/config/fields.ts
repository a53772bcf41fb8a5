import * as z from 'zod';
import { durationForm, durationPattern, parseDuration } from '../time/duration.js';

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

/** Refuses the value of an input; `allowed` says what it may be. */
export function refuse(ctx: z.core.$RefinementCtx, allowed: string): never {
  ctx.issues.push({ code: 'custom', message: allowed, input: ctx.value });
  return z.NEVER;
}
