const encodings: ((value: string) => string)[] = [
  (value) => value,
  (value) => value.trim(),
  ...[0, 1, 2].map((shift) => (value: string) => base64Middle(value, shift)),
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => encodeURIComponent(Buffer.from(value).toString()),
  (value) =>
    value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
];

/** The part of a base64 text that stays the same when the value stands `shift` bytes into what was encoded. */
function base64Middle(value: string, shift: number): string {
  const bytes = Buffer.from(value);
  const from = shift === 0 ? 0 : 3 - shift;
  return bytes.subarray(from).toString('base64').replace(/=+$/, '').slice(0, -1);
}

/** Base64 of a short value is too common a text to hide. */
const shortestEncoded = 6;

/** Hides secrets in everything a job prints: raw, each line of them, base64, JSON, URL and XML forms. */
export class Masker {
  private values: string[] = [];

  /** Hides a value from now on; an empty one is ignored. */
  add(value: string): void {
    for (const whole of [value, ...value.split(/[\r\n]+/)]) {
      if (whole.trim() === '') continue;
      for (const [index, encode] of encodings.entries()) {
        const encoded = encode(whole);
        const safe = index < 2 || encoded.length >= shortestEncoded;
        if (encoded !== '' && safe && !this.values.includes(encoded)) this.values.push(encoded);
      }
    }
  }

  /** The text with each hidden value, or run of overlapping ones, replaced by `***`. */
  mask(text: string): string {
    const spans: [number, number][] = [];
    for (const value of this.values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
        spans.push([at, at + value.length]);
    }
    if (spans.length === 0) return text;
    spans.sort(([a], [b]) => a - b);
    let masked = '';
    let end = 0;
    for (const [from, to] of spans) {
      if (from >= end) masked += `${text.slice(end, from)}***`;
      end = Math.max(end, to);
    }
    return masked + text.slice(end);
  }
}
