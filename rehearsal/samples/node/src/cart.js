/**
 * What a cart costs, in cents.
 *
 * @param {readonly { cents: number; count: number }[]} lines
 * @returns {number}
 */
export function total(lines) {
  let cents = 0;
  for (const line of lines) {
    if (line.count < 0) throw new RangeError(`${line.count} of a thing`);
    cents += line.cents * line.count;
  }
  return cents;
}
