import * as z from 'zod';
import { globMatcher, globProblem } from '../../../../shared/config/glob.js';
import type { Changes } from '../../evidence/code/changes.js';

/** Patterns of paths: `*` stands for anything but a slash, `**` for anything. */
export const filePatterns = () =>
  patterns(/^[^/\s]/, 'a path from the root of the repository, without a slash before it');

/** Patterns of branches. */
export const namePatterns = () =>
  patterns(/^[^\s~^:?[\\]+$/, 'a branch such as main, or a pattern such as hotfix/*');

const patterns = (form: RegExp, allowed: string) =>
  z
    .array(
      z
        .string()
        .regex(form, allowed)
        .superRefine((pattern, ctx) => {
          const message = globProblem(pattern);
          if (message !== undefined) ctx.addIssue({ code: 'custom', message });
        }),
    )
    .min(1);

export type ChangedFile = Changes['files'][number];

/** Whether a path matches any of the patterns. */
export function matchesAny(patterns: readonly string[]): (path: string) => boolean {
  const matchers = patterns.map(globMatcher);
  return (path) => matchers.some((matches) => matches(path));
}

/** Longest path that patterns are asked about; a longer one is outside of every pattern. */
const longestPath = 255;

/** Whether a changed file is, or was, under the patterns; one whose path is too long to tell is taken for it. */
export function touches(patterns: readonly string[]): (file: ChangedFile) => boolean {
  const matches = matchesAny(patterns);
  return ({ path, was }) =>
    [path, ...(was ? [was] : [])].some((one) => one.length > longestPath || matches(one));
}
