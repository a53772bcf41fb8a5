/** Tests a label value; the answers are remembered, since pages repeat values. */
export type LabelTest = (value: string) => boolean;

/** What a pattern may look like, for error messages. */
export const labelPatternForm =
  'a regular expression of at most 100 characters with at most one of * + {n,m}, no repeated group, at most eight of | and ?, no look-around and no back reference';

/** A label value longer than this meets no pattern. */
const longestValue = 128;

/**
 * Compiles a pattern for label values; undefined when it is none or might take more than quadratic time: values come
 * from the application, which must not be able to stall its own watch.
 */
export function labelPattern(text: string): LabelTest | undefined {
  if (text.length > 100 || !isCheap(text)) return undefined;
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, 'u');
  } catch {
    return undefined;
  }
  const known = new Map<string, boolean>();
  return (value) => {
    if (value.length > longestValue) return false;
    const before = known.get(value);
    if (before !== undefined) return before;
    const answer = pattern.test(value);
    if (known.size < 1_000) known.set(value, answer);
    return answer;
  };
}

/** At most one loop, and few enough choices that trying all of them is nothing. */
function isCheap(text: string): boolean {
  const bare = text
    .replace(/\\[^1-9k]/g, 'x')
    .replace(/\[\^?\]?[^\]]*\]/g, 'x')
    .replace(/\(\?:/g, '(');
  if (/\\|\(\?|\)[*+{?]/.test(bare)) return false;
  const times = [...bare.matchAll(/\{(\d+)(?:,(\d*))?\}/g)];
  if (times.some(([, low, high]) => Number(high || low) > longestValue)) return false;
  const loops = bare.match(/[*+]|\{\d+,\d*\}/g)?.length ?? 0;
  const choices = bare.match(/[|?]/g)?.length ?? 0;
  return loops <= 1 && choices <= 8;
}
