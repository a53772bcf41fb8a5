import { byText, type ToolFacts } from './tool.js';

/** Parts of a version, so that 1.10 is after 1.9 and 1.0 is 1. */
const numbers = (version: string): bigint[] => version.split(/[._]/).map((part) => BigInt(part || '0'));

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => (/^[\d._]+$/.test(text) ? numbers(text) : undefined));
  // Repeatable migrations run last, by their descriptions.
  if (!left || !right) return left ? -1 : right ? 1 : byText(a, b);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one, other] = [left[at] ?? 0n, right[at] ?? 0n];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Flyway: V43__prices.sql, U43__prices.sql, R__views.sql. */
export const flyway: ToolFacts = {
  tool: 'flyway',
  files: 'sql',
  name(path) {
    const file = path.split('/').at(-1)!;
    if (file.endsWith('.sql.conf')) return { is: 'settings', of: path.replace(/\.conf$/, '') };
    if (!/\.sql$/i.test(file)) return { is: 'other' };
    const [, kind, version, text] = /^([VUBR])(\d[\d._]*)?__(.+)\.sql$/.exec(file) ?? [];
    if (kind === 'R' && version === undefined)
      return { is: 'migration', version: `R__${text}`, part: 'up', repeatable: true };
    if (kind === undefined || version === undefined || kind === 'R')
      return {
        is: 'wrong',
        why: 'Flyway runs V<number>__<text>.sql and R__<text>.sql, with two underscores',
      };
    // A baseline runs on new databases only.
    if (kind === 'B') return { is: 'other' };
    return { is: 'migration', version: version.replaceAll('_', '.'), part: kind === 'V' ? 'up' : 'down' };
  },
  compare,
  strictOrder: true,
  inverse: false,
  transaction: 'file',
  settings: (text) =>
    text.split('\n').some((line) => line.replace(/\s/g, '').toLowerCase() === 'executeintransaction=false')
      ? 'none'
      : undefined,
};
