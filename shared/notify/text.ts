/**
 * Characters that show nothing and change how others are read: controls but for line breaks, and those that turn the
 * direction of text.
 */
const invisible =
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u061C\uFEFF]/g;

/** Halves of characters, which are no text: a strict receiver refuses the whole message. */
const halves = /\p{Surrogate}/gu;

/**
 * Text without invisible characters and halves of characters, at most `most` UTF-16 units long, never cut inside a
 * character.
 */
export function characters(text: string, most: number): string {
  return cut(
    text.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(halves, '\uFFFD').replace(invisible, ''),
    most,
  );
}

/**
 * The text, or its beginning and an ellipsis, at most `most` UTF-16 units; `escape` is what will be done to it, and the
 * result is measured and given escaped.
 */
export function cut(text: string, most: number, escape: (text: string) => string = (same) => same): string {
  const whole = escape(text);
  if (whole.length <= most) return whole;
  let [fits, tooLong] = [0, Math.min(text.length, most)];
  while (fits < tooLong) {
    const middle = Math.ceil((fits + tooLong) / 2);
    if (escape(begin(text, middle)).length < most) fits = middle;
    else tooLong = middle - 1;
  }
  return `${escape(begin(text, fits))}…`;
}

/** The first `length` units, without half a character at the end. */
function begin(text: string, length: number): string {
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '');
}

/** Text in which nothing becomes a mention or a link by itself, for services that look for those in plain text. */
export function inert(text: string): string {
  return text
    .replace(/@(?=\w)/g, '@\u200B')
    .replace(/:\/\//g, ':\u200B//')
    .replace(/\bwww\./gi, (www) => `${www.slice(0, 3)}\u200B.`)
    .replace(/\b(mailto|tel|javascript|data):/gi, '$1\u200B:');
}
