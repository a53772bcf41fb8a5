/** Up to this length, in characters, the runtime's own search is quick whatever it looks for. */
const quickLength = 100;

/**
 * Tells of texts whether they contain a part. A long part, which may have been captured from a hostile answer, is found in time that grows with the sum of
 * the lengths: the runtime's search may take their product, and nothing can interrupt it.
 */
export function finderOf(part: string, quick = quickLength): (text: string) => boolean {
  if (part.length <= quick) return (text) => text.includes(part);
  const borders = bordersOf(part);
  return (text) => {
    let matched = 0;
    for (let at = 0; at < text.length && matched < part.length; at++)
      matched = advance(part, borders, matched, text.charCodeAt(at));
    return matched === part.length;
  };
}

/** For each beginning of a text, by its length, how long its longest border is: what it both begins and ends with. This is Knuth, Morris and Pratt's table. */
function bordersOf(part: string): Int32Array {
  const borders = new Int32Array(part.length + 1);
  for (let length = 2; length <= part.length; length++)
    borders[length] = advance(part, borders, borders[length - 1]!, part.charCodeAt(length - 1));
  return borders;
}

/** How many characters match after one more, when so many did before. */
function advance(part: string, borders: Int32Array, matched: number, next: number): number {
  let length = matched;
  while (length > 0 && part.charCodeAt(length) !== next) length = borders[length]!;
  return part.charCodeAt(length) === next ? length + 1 : 0;
}
