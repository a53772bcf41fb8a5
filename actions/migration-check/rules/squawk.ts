import type { Rule } from './rule.js';

/** What squawk says of a statement and nothing here does. */
export const squawk = {
  squawk: {
    level: 'warning',
    why: 'squawk calls it dangerous, and no rule here looks at that.',
    recipe: 'Look its rule up in the documentation of squawk, and change the statement or waive this.',
  },
  'squawk-differs': {
    level: 'notice',
    why: 'squawk sees one file at a time. What is looked at here as well was not found, for instance since the release itself makes the table.',
    recipe: 'Nothing, where that is so.',
  },
} as const satisfies Record<string, Rule>;
