/**
 * A stream of numbers uniform in [0, 1) that only the seed decides (xorshift128 over a hash of the text). For test
 * data, not for secrets.
 */
export function seededRandom(seed: string): () => number {
  let stream: (() => number) | undefined;
  // Most flows make nothing up.
  return () => (stream ??= begin(seed))();
}

function begin(seed: string): () => number {
  let [a, b, c, d] = hash(seed);
  const next = () => {
    const t = d ^ (d << 11);
    d = c;
    c = b;
    b = a;
    a = a ^ (a >>> 19) ^ t ^ (t >>> 8);
    return (a >>> 0) / 2 ** 32;
  };
  // Similar seeds start out similar.
  for (let i = 0; i < 20; i++) next();
  return next;
}

/** Four 32-bit words of a text by FNV-1a with different offsets; never all zero, which xorshift could not leave. */
function hash(text: string): [number, number, number, number] {
  const word = (offset: number) => {
    let value = 0x811c9dc5 ^ offset;
    for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
    return value | 0;
  };
  return [word(0), word(0x9e3779b9), word(0x85ebca6b), word(0xc2b2ae35) | 1];
}

/** A new seed, short enough to be typed again. */
export function makeSeed(random: () => number): string {
  return Math.floor(random() * 2 ** 32)
    .toString(36)
    .padStart(7, '0');
}
