/** One sample of a metrics page; `timestamp` is epoch milliseconds where the page gives one. */
export interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
  timestamp?: number;
}

/** The wanted samples of a page, what types it declares and all names on it, or the first thing wrong with it. */
export type Exposition =
  | { ok: true; series: Series[]; types: ReadonlyMap<string, string>; names: ReadonlySet<string> }
  | { ok: false; why: string };

/** Beyond these a page is refused: it is either not metrics or more than a watch should read every few seconds. */
const limits = { lines: 200_000, lineLength: 16_384, labels: 64, wanted: 20_000 };

class Malformed extends Error {}

/** The two forms of a page: Prometheus' text format 0.0.4, and OpenMetrics 1.0. */
export type ExpositionForm = 'text' | 'openmetrics';

/** The form that a Content-Type names. */
export const formOf = (contentType: string | undefined): ExpositionForm =>
  /^application\/openmetrics-text\b/i.test(contentType ?? '') ? 'openmetrics' : 'text';

/**
 * Reads a page of metrics, strictly: one malformed line refuses the page, since what it meant cannot be known. OpenMetrics
 * has its instants in seconds, exemplars behind its samples, and an end without which the page was cut.
 */
export function parseExposition(
  page: string,
  wanted: ReadonlySet<string>,
  form: ExpositionForm = 'text',
): Exposition {
  const series: Series[] = [];
  const seen = new Set<string>();
  const names = new Set<string>();
  const types = new Map<string, string>();
  let number = 0;
  let ended = false;
  try {
    for (const line of linesOf(page)) {
      if (++number > limits.lines) throw new Malformed(`more than ${limits.lines} lines`);
      if (line.length > limits.lineLength) throw new Malformed(`longer than ${limits.lineLength} characters`);
      if (/^[ \t]*$/.test(line)) continue;
      if (ended) throw new Malformed('something after # EOF');
      if (form === 'openmetrics' && line === '# EOF') {
        ended = true;
        continue;
      }
      if (line.startsWith('#')) {
        readType(line, types);
        continue;
      }
      const sample = readSample(line, form);
      names.add(sample.name);
      if (!wanted.has(sample.name)) continue;
      const key = `${sample.name}${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) throw new Malformed('the same series a second time');
      seen.add(key);
      series.push(sample);
      if (series.length > limits.wanted)
        throw new Malformed(`more than ${limits.wanted} series of one metric`);
    }
    if (form === 'openmetrics' && !ended) throw new Malformed('the page ends without # EOF: it was cut');
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, why: `line ${number}: ${error.message}` };
  }
  return { ok: true, series, types, names };
}

function* linesOf(page: string): Generator<string> {
  let start = 0;
  while (start < page.length) {
    const end = page.indexOf('\n', start);
    yield page.slice(start, end < 0 ? page.length : end).replace(/\r$/, '');
    if (end < 0) return;
    start = end + 1;
  }
}

function readType(line: string, types: Map<string, string>): void {
  const declared = /^#[ \t]+TYPE[ \t]+(\S+)[ \t]+(\S+)[ \t]*$/.exec(line);
  if (!declared) return;
  if (types.has(declared[1]!)) throw new Malformed(`a second TYPE of ${shown(declared[1]!)}`);
  types.set(declared[1]!, declared[2]!);
}

function readSample(line: string, form: ExpositionForm): Series {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (!name) throw new Malformed(`no metric name in ${shown(line)}`);
  let place = name.length;
  let labels: Record<string, string> = {};
  if (line[place] === '{') ({ labels, place } = readLabels(line, place + 1));
  const rest = afterLabels[form].exec(line.slice(place));
  const value = rest ? readNumber(rest[1]!) : undefined;
  if (!rest || value === undefined) throw new Malformed(`no value after ${name} in ${shown(line)}`);
  const instant = rest[2] === undefined ? undefined : Number(rest[2]) * (form === 'openmetrics' ? 1_000 : 1);
  return { name, labels, value, ...(instant === undefined ? {} : { timestamp: Math.round(instant) }) };
}

/** Value and instant; in OpenMetrics a trace that goes with it may follow, of which nothing is used. */
const afterLabels: Readonly<Record<ExpositionForm, RegExp>> = {
  text: /^[ \t]+(\S+)(?:[ \t]+(-?\d{1,16}))?[ \t]*$/,
  openmetrics:
    /^ (\S+)(?: (-?\d{1,13}(?:\.\d{1,9})?))?(?: # \{(?:[^"{}\\]|"(?:[^"\\]|\\.)*")*\} \S+(?: \S+)?)?$/,
};

function readLabels(line: string, start: number): { labels: Record<string, string>; place: number } {
  const labels: Record<string, string> = Object.create(null) as Record<string, string>;
  const pair = /[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(,?)/y;
  const end = /[ \t]*\}/y;
  let place = start;
  for (let count = 0; ; count++) {
    end.lastIndex = place;
    if (end.test(line)) return { labels, place: end.lastIndex };
    pair.lastIndex = place;
    const found = pair.exec(line);
    if (!found) throw new Malformed(`malformed labels in ${shown(line)}`);
    const [, name = '', text = '', comma] = found;
    if (count >= limits.labels) throw new Malformed(`more than ${limits.labels} labels`);
    if (name in labels) throw new Malformed(`label ${name} a second time`);
    labels[name] = unescapeLabel(text);
    place = pair.lastIndex;
    end.lastIndex = place;
    if (comma === '' && !end.test(line)) throw new Malformed(`malformed labels in ${shown(line)}`);
  }
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped: string) => {
    if (escaped === 'n') return '\n';
    if (escaped === '"' || escaped === '\\') return escaped;
    throw new Malformed(`unknown escape \\${escaped} in a label`);
  });
}

function readNumber(text: string): number | undefined {
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return Number(text);
  if (/^[+-]?Inf(inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^NaN$/i.test(text) ? NaN : undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
