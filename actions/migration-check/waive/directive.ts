import { versionSchema } from '../../../shared/contracts/formats.js';
import { isOrdered } from '../../../shared/contracts/version-order.js';
import { dayMs } from '../../../shared/time/zone.js';
import { suggest } from '../../../shared/text/suggest.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { isRule, rules, type RuleId } from '../rules/registry.js';
import type { Comment } from '../sql/statement.js';

/** What a comment of a migration says to this action. */
export type Directive =
  | { is: 'allow'; rule: RuleId; until: string; reason: string; line: number }
  | { is: 'irreversible'; reason: string; line: number }
  | { is: 'oldest-app'; version: string; line: number }
  | { is: 'wrong'; why: string; line: number };

/** Longest time that a waiver may be good for, in days. */
const mostDays = 366;

const mark = 'migration-check:';

/** Directives of comments; a comment that is meant for this action and cannot be read is said. */
export function readDirectives(comments: readonly Comment[], now: number): Directive[] {
  return comments.flatMap(({ text, line }) =>
    text.split('\n').flatMap((part, at) => {
      const begin = part.indexOf(mark);
      if (begin < 0) return [];
      const said = part
        .slice(begin + mark.length)
        .replace(/\*\/\s*$/, '')
        .trim();
      return readOne(said, line + at, now);
    }),
  );
}

function readOne(said: string, line: number, now: number): Directive[] {
  const wrong = (why: string): Directive[] => [{ is: 'wrong', why, line }];
  const [, verb, rest = ''] = /^(\S+)\s*(.*)$/.exec(said) ?? [];
  if (verb === 'irreversible') {
    const reason = /^because\s+(\S.*)$/.exec(rest)?.[1];
    return reason
      ? [{ is: 'irreversible', reason, line }]
      : wrong('"irreversible" is followed by: because REASON');
  }
  if (verb === 'oldest-app') {
    const fits = versionSchema.safeParse(rest).success && isOrdered(rest);
    return fits
      ? [{ is: 'oldest-app', version: rest, line }]
      : wrong(`"oldest-app" is followed by a version such as 1.4.0, not by "${rest}"`);
  }
  if (verb !== 'allow')
    return wrong(`it says "${verb ?? ''}" where allow, irreversible or oldest-app is known`);
  const [, named = '', until, reason] =
    /^(\S+(?:\s*,\s*\S+)*)\s+until\s+(\S+)\s+because\s+(\S.*)$/.exec(rest) ?? [];
  if (until === undefined || reason === undefined)
    return wrong('"allow" is followed by: RULE until YYYY-MM-DD because REASON');
  const end = endOf(until);
  if (end === undefined) return wrong(`"${until}" is no date such as 2026-12-31`);
  if (end - now > (mostDays + 1) * dayMs) return wrong(`it ends on ${until}, more than a year from now`);
  return named.split(',').flatMap((part): Directive[] => {
    const rule = part.trim();
    if (rule === 'wrong-waiver' || rule === 'unused-waiver') return wrong(`${rule} cannot be waived`);
    if (isRule(rule)) return [{ is: 'allow', rule, until, reason: reason.trim(), line }];
    const near = suggest(rule, Object.keys(rules));
    return wrong(`there is no rule "${rule}"${near === undefined ? '' : `, did you mean "${near}"?`}`);
  });
}

/** Whether a day (UTC) is over; what is no day is. */
export const isOver = (day: string, now: number): boolean => now >= (endOf(day) ?? -Infinity);

/** The instant after the last one of a day in UTC. */
function endOf(day: string): number | undefined {
  const start = parseInstant(`${day}T00:00:00Z`);
  return start === undefined ? undefined : start + dayMs;
}
