import * as z from 'zod';
import { suggest } from '../../../shared/text/suggest.js';

/** Values of the input `strategy`. */
export const strategyNames = [
  'traffic',
  'redeploy',
  'command',
  'tag',
  'git-revert',
  'migrations-down',
] as const;

export type StrategyName = (typeof strategyNames)[number];

const isName = (text: string): text is StrategyName => strategyNames.some((name) => name === text);

/** The input `strategy`: ways to roll back, in the order in which they are tried. */
export const strategyList = () =>
  z.string().transform((text, ctx): StrategyName[] => {
    const names = text.split(/[\s,]+/).filter((name) => name !== '');
    const wrong = names.find((name) => !isName(name));
    const didYouMean = wrong === undefined ? undefined : suggest(wrong, strategyNames);
    const message =
      wrong !== undefined
        ? `some of ${strategyNames.join(', ')}, separated by commas${didYouMean ? ` (did you mean "${didYouMean}"?)` : ''}`
        : names.length === 0
          ? `at least one of ${strategyNames.join(', ')}`
          : new Set(names).size < names.length
            ? 'each strategy once'
            : names.includes('migrations-down') && names.length > 1
              ? 'migrations-down alone: a schema is never reversed because something else failed'
              : undefined;
    if (message === undefined) return names.filter(isName);
    ctx.addIssue({ code: 'custom', message, input: text });
    return z.NEVER;
  });
