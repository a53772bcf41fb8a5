/**
 * `read` with a memory of its last `most` answers, by its arguments: a run reads the same few files again for each call
 * and step, and stories run the same workflow many times. What it throws is not kept. Its answers must stay as they
 * are.
 */
export function remembered<Args extends readonly string[], T>(
  most: number,
  read: (...args: Args) => T,
): (...args: Args) => T {
  const answers = new Map<string, T>();
  return (...args) => {
    const key = JSON.stringify(args);
    const known = answers.get(key);
    if (known !== undefined) return known;
    const answer = read(...args);
    answers.set(key, answer);
    // Maps keep the order of their entries: the first is the oldest.
    const [oldest] = answers.keys();
    if (answers.size > most && oldest !== undefined) answers.delete(oldest);
    return answer;
  };
}
