import type { RuleId } from '../rules/registry.js';
import type { Statement } from '../sql/statement.js';
import { known } from './known.js';

/** One thing that squawk says of a text, with the line of that text. */
export interface Said {
  rule: string;
  message: string;
  line: number;
}

/** What squawk says of the release, by the path of each migration. */
export type SquawkAnswer = ReadonlyMap<string, readonly Said[]>;

export interface SquawkFinding {
  rule: Extract<RuleId, 'squawk' | 'squawk-differs'>;
  detail: string;
  at: number;
}

/** What squawk says of statements and was not `found` here already. Pure. */
export function onlySquawk(
  said: readonly Said[],
  statements: readonly Statement[],
  found: readonly { rule: RuleId; at: number | undefined }[],
): SquawkFinding[] {
  return said.flatMap(({ rule, message, line }): SquawkFinding[] => {
    const same = Object.hasOwn(known, rule) ? known[rule]! : [];
    if (same === 'style') return [];
    // Several statements may stand on one line. What stands in none is the way back.
    const there = [...statements.keys()].filter(
      (at) => statements[at]!.line <= line && line <= statements[at]!.lastLine,
    );
    const at = there[0];
    const isFound = found.some(
      (one) => same.includes(one.rule) && (one.at === undefined || there.includes(one.at)),
    );
    if (at === undefined || isFound) return [];
    return [
      { rule: same.length === 0 ? 'squawk' : 'squawk-differs', detail: `squawk, ${rule}: ${message}`, at },
    ];
  });
}
