/** Where a value stands in its file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** Tells the line and column of any offset of a text; a byte order mark takes no column. */
export function placesOf(text: string): (offset: number) => Place {
  let starts: number[] | undefined;
  return (offset) => {
    starts ??= [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const mark = low === 0 && text.startsWith('\uFEFF') ? 1 : 0;
    return { line: low + 1, column: Math.max(1, offset - starts[low]! + 1 - mark) };
  };
}
