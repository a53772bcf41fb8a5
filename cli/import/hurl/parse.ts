/** A line of a section, or a header, with its number from 1. */
export interface Line {
  line: number;
  text: string;
}

export interface Body {
  line: number;
  kind: 'json' | 'text' | 'xml' | 'graphql' | 'other';
  text: string;
}

export interface Section extends Line {
  lines: Line[];
}

/** What a request and a response have in common. */
export interface Message {
  line: number;
  headers: Line[];
  sections: Section[];
  body?: Body;
}

export interface Entry extends Message {
  method: string;
  url: string;
  /** `version` is as it is written: `HTTP`, or one that is asked for, e.g. `HTTP/2`. */
  response?: Message & { status: number | '*'; version: string };
}

/** Entries of a Hurl file, or the line that is none of its grammar. */
export type ParsedHurl =
  /** `commands` are comments that change the cookies of what follows. */
  { ok: true; entries: Entry[]; commands: Line[] } | { ok: false; line: number; what: string };

const requestLine = /^([A-Z]+)[ \t]+(\S.*)$/;
const responseLine = /^(HTTP(?:\/[\w.]+)?)[ \t]+(\d{3}|\*)[ \t]*(?:#.*)?$/;
const sectionLine = /^\[([A-Z][A-Za-z]+)\][ \t]*(?:#.*)?$/;

/** Splits a Hurl file into its entries; what stands in sections and values is left as it is written. */
export function parseHurl(text: string): ParsedHurl {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const entries: Entry[] = [];
  const commands: Line[] = [];
  let message: Message | undefined;
  let section: Section | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    const row = lines[index]!.trim();
    const command = /^#\s*(@cookie_storage_\w+)/.exec(row)?.[1];
    if (command !== undefined) commands.push({ line, text: command });
    if (row === '' || row.startsWith('#')) continue;
    const [, version, status] = responseLine.exec(row) ?? [];
    const request = requestLine.exec(row);
    const name = sectionLine.exec(row)?.[1];
    const entry = entries.at(-1);
    if (version !== undefined && status !== undefined) {
      if (!entry || entry.response) return { ok: false, line, what: 'a response without a request' };
      const code = status === '*' ? '*' : Number(status);
      entry.response = { line, version, status: code, headers: [], sections: [] };
      message = entry.response;
      section = undefined;
    } else if (request && !/^[A-Z]+[ \t]*:/.test(row)) {
      const [, method, url] = request as unknown as [string, string, string];
      message = { line, method, url: cutComment(url), headers: [], sections: [] } as Entry;
      entries.push(message as Entry);
      section = undefined;
    } else if (!message) return { ok: false, line, what: `${row.slice(0, 60)} before the first request` };
    else if (name !== undefined) {
      section = { line, text: name, lines: [] };
      message.sections.push(section);
    } else if (startsBody(row)) {
      const read = readBody(lines, index);
      if (message.body || !read)
        return { ok: false, line, what: 'a body that does not end, or a second one' };
      message.body = read.body;
      index = read.last;
      section = undefined;
    } else if (section) section.lines.push({ line, text: row });
    else if (/^[^\s:]+[ \t]*:/.test(row) && !message.body) message.headers.push({ line, text: row });
    else return { ok: false, line, what: `${row.slice(0, 60)}, which is no line of a Hurl file` };
  }
  return { ok: true, entries, commands };
}

function startsBody(row: string): boolean {
  if (/^\{\{[^{}]*\}\}[^{}]*:/.test(row)) return false;
  return /^(?:[{<`[]|(?:base64|hex|file),|".*"$|(?:true|false|null|-?\d[\d.eE+-]*)$)/.test(row);
}

function readBody(lines: readonly string[], first: number): { body: Body; last: number } | undefined {
  const row = lines[first]!.trim();
  const line = first + 1;
  const fence = /^```([a-zA-Z, ]*)$/.exec(row)?.[1];
  if (fence !== undefined) {
    const end = lines.findIndex((text, index) => index > first && text.trim() === '```');
    if (end < 0) return undefined;
    const kind =
      ({ '': 'text', json: 'json', xml: 'xml', graphql: 'graphql' } as const)[fence.trim()] ?? 'other';
    return {
      body: {
        line,
        kind,
        text: lines
          .slice(first + 1, end)
          .map((text) => `${text}\n`)
          .join(''),
      },
      last: end,
    };
  }
  const [, quoted] = /^`((?:[^`\\]|\\[^])*)`[ \t]*(?:#.*)?$/.exec(row) ?? [];
  if (quoted !== undefined) {
    const text = unescapeText(quoted);
    return text === undefined ? undefined : { body: { line, kind: 'text', text }, last: first };
  }
  if (row.startsWith('<')) {
    const last = lastOfOther(lines, first);
    const text = lines
      .slice(first, last + 1)
      .join('\n')
      .trim();
    return text.endsWith('>') ? { body: { line, kind: 'xml', text }, last } : undefined;
  }
  if (!/^[{["\dtfn-]/.test(row) || /^(?:base64|hex|file),/.test(row))
    return { body: { line, kind: 'other', text: row }, last: lastOfOther(lines, first) };
  const text = lines.slice(first).join('\n').trimStart();
  const end = jsonEnd(text);
  if (end === undefined || !/^[ \t]*(?:#.*)?$/.test(text.slice(end).split('\n')[0]!)) return undefined;
  const body = text.slice(0, end);
  return { body: { line, kind: 'json', text: body }, last: first + body.split('\n').length - 1 };
}

/** Where a body ends whose grammar is not known here: before the next request or response. */
function lastOfOther(lines: readonly string[], first: number): number {
  const next = lines.findIndex(
    (text, index) => index > first && (responseLine.test(text.trim()) || requestLine.test(text.trim())),
  );
  return next < 0 ? lines.length - 1 : next - 1;
}

/** Where the JSON value at the start of a text ends; `{{ }}` inside it is stepped over. */
function jsonEnd(text: string): number | undefined {
  const token = /\{\{[^{}]*\}\}|"(?:[^"\\]|\\[^])*"|[{}[\]]|[^\s{}[\]",:]+|[^]/gy;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found] = match;
    if (found === '{' || found === '[') depth++;
    else if (found === '}' || found === ']') depth--;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}

/** A value without the comment behind it: an unescaped # begins one. */
export function cutComment(text: string): string {
  const end = /^(?:\{\{[^{}]*\}\}|\\[^]|[^#\\])*/.exec(text)?.[0] ?? '';
  return end.trim();
}

/** A text with its escapes resolved; undefined when one of them is unknown. */
export function unescapeText(text: string): string | undefined {
  const plain: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
  let known = true;
  const result = text.replace(
    /\\(?:u\{([0-9a-fA-F]{1,6})\}|([^]))/g,
    (_whole, hex: string | undefined, one: string) => {
      if (hex !== undefined) return String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff));
      if (/[A-Za-z]/.test(one) && plain[one] === undefined) known = false;
      return plain[one] ?? one;
    },
  );
  return known ? result : undefined;
}

/** The lines of the sections that have one of these titles. */
export function linesOf(sections: readonly Section[] | undefined, ...titles: string[]): Line[] {
  return (sections ?? []).filter(({ text }) => titles.includes(text)).flatMap(({ lines }) => lines);
}

/** `name: value` with comment and escapes resolved. */
export function pairOf(text: string): [string, string] | undefined {
  const [, key, value] = /^((?:\{\{[^{}]*\}\}|\\[^]|[^:\\])+?)[ \t]*:(.*)$/.exec(text) ?? [];
  const pair = [unescapeText(key ?? ''), unescapeText(cutComment(value ?? ''))];
  return key === undefined || pair.includes(undefined) ? undefined : (pair as [string, string]);
}
