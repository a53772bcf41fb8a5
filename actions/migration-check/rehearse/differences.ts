/** Lines that are told of each side; more than that nobody reads in a log. */
const mostTold = 10;

/** Lines that one text has and the other has not, as a diff tells them; empty when both are the same. Pure. */
export function differences(expected: readonly string[], got: readonly string[]): string[] {
  if (expected.length === got.length && expected.every((line, index) => line === got[index])) return [];
  const only = (of: readonly string[], than: readonly string[], sign: string) => {
    const counts = new Map<string, number>();
    for (const line of than) counts.set(line, (counts.get(line) ?? 0) + 1);
    const left = of.filter((line) => {
      const count = counts.get(line) ?? 0;
      counts.set(line, count - 1);
      return count <= 0;
    });
    const told = left.slice(0, mostTold).map((line) => `${sign} ${line}`);
    return left.length > mostTold ? [...told, `${sign} and ${left.length - mostTold} more lines`] : told;
  };
  const found = [...only(expected, got, '-'), ...only(got, expected, '+')];
  return found.length > 0 ? found : ['the same lines in another order'];
}
