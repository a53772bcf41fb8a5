/** Bytes as text; `doubt` says why the text is not sure to be what was meant. */
export interface Decoded {
  text: string;
  doubt?: string;
}

/**
 * Decodes a body by its byte order mark, the charset of its content type, or what an HTML or XML document says of
 * itself, in this order as browsers do (WHATWG Encoding, HTML §13.2.3); without any of them it is UTF-8.
 */
export function decodeBody(body: Uint8Array, contentType = ''): Decoded {
  const label = bomOf(body) ?? charsetOf(contentType) ?? declaredIn(body, contentType);
  const decoder = decoderOf(label ?? 'utf-8');
  if (!decoder)
    return { text: lenient.decode(body), doubt: `text in "${label}", a charset that is not known` };
  try {
    const text = decoder.decode(body);
    return { text: decoder.encoding === 'windows-1252' ? withWindowsCharacters(text) : text };
  } catch {
    const text = new TextDecoder(decoder.encoding).decode(body);
    const why = label === undefined ? ', and no charset is stated' : '';
    return { text, doubt: `bytes that are not valid ${decoder.encoding.toUpperCase()}${why}` };
  }
}

const lenient = new TextDecoder();

function decoderOf(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label, { fatal: true });
  } catch {
    return undefined;
  }
}

function bomOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
}

function charsetOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|'?([^\s;,"']+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** As far as browsers look for a charset in a document, in bytes. */
const declaredWithin = 1024;

function declaredIn(body: Uint8Array, contentType: string): string | undefined {
  const isMarkup = contentType === '' || /^\s*[\w.+-]*(\/[\w.+-]*)?(html|xml)\b/i.test(contentType);
  if (!isMarkup) return undefined;
  const start = new TextDecoder('latin1').decode(body.subarray(0, declaredWithin));
  const [, inXml] = /^\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"']+)["']/.exec(start) ?? [];
  if (inXml !== undefined) return named(inXml);
  const tags = start.replace(/<!--[^]*?(-->|$)/g, '').match(/<meta[\s/][^>]*>/gi) ?? [];
  const charsets = tags.flatMap((tag) => {
    const [, own] = /[\s/"']charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(withoutContent(tag)) ?? [];
    if (own !== undefined) return [own];
    const isType = /[\s/"']http-equiv\s*=\s*["']?\s*content-type/i.test(tag);
    const [, content] = /\bcharset\s*=\s*([^\s"'/>;]+)/i.exec(tag) ?? [];
    return isType && content !== undefined ? [content] : [];
  });
  return charsets[0] === undefined ? undefined : named(charsets[0]);
}

/** A tag without the value of its attribute `content`, which may have the word charset in it. */
function withoutContent(tag: string): string {
  return tag.replace(/\scontent\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, '');
}

/** A document whose declaration could be read byte by byte is not in UTF-16, whatever it says. */
function named(declared: string): string {
  return /^utf-16/i.test(declared) ? 'utf-8' : declared;
}

/** U+0080 to U+009F as windows-1252 has them: decoders of Node.js before 24 leave them as they are. */
const windowsCharacters = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ';

function withWindowsCharacters(text: string): string {
  return text.replace(/[\u0080-\u009F]/g, (unit) => windowsCharacters[unit.charCodeAt(0) - 0x80]!);
}
