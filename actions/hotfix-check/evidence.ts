import type { Piece } from '../../shared/contracts/reports/hotfix-report.js';

/** The longest line and the most pieces that are looked at: the text is anybody's. */
const [longestLine, mostPieces] = [2000, 20];

/** A piece of evidence as it is written: a link, or the number of an incident. */
export type Named = { text: string; is: 'link' } | { text: string; is: 'incident'; number: number };

/**
 * Links and incident numbers on the lines `Evidence:` of a description. What a reader does not see counts as not
 * written: comments, and examples between fences.
 */
export function namedIn(description: string): Named[] {
  return visible(description)
    .split(/\r?\n/)
    .flatMap((line) => /^[\s>*_-]{0,10}evidence[*_]{0,2}:(.*)$/i.exec(line.slice(0, longestLine))?.[1] ?? [])
    .flatMap((rest) => rest.split(/[\s,;<>()[\]]+/))
    .flatMap((word): Named[] => {
      const number = /^#([1-9]\d{0,9})[.:]?$/.exec(word)?.[1];
      if (number !== undefined) return [{ text: `#${number}`, is: 'incident', number: Number(number) }];
      return /^[a-z][a-z0-9+.-]*:\/\//i.test(word) ? [{ text: word, is: 'link' }] : [];
    })
    .slice(0, mostPieces);
}

/** The description without comments and fenced examples; what is never closed reaches to the end, as on GitHub. */
function visible(description: string): string {
  const kept: string[] = [];
  let rest = description;
  for (let start = rest.indexOf('<!--'); start >= 0; start = rest.indexOf('<!--')) {
    kept.push(rest.slice(0, start));
    const end = rest.indexOf('-->', start + 4);
    rest = end < 0 ? '' : rest.slice(end + 3);
  }
  let fence: string | undefined;
  return [...kept, rest]
    .join('')
    .split('\n')
    .filter((line) => {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence === undefined) {
        fence = mark;
        return mark === undefined;
      }
      if (mark?.startsWith(fence)) fence = undefined;
      return false;
    })
    .join('\n');
}

/** What a link may be: hosts that count (empty: any), and where this pull request is. */
export interface LinkRules {
  hosts: readonly string[];
  /** Address of the pull request. */
  own: string;
}

/** Whether a link can be evidence. Nobody opens it: a person who reviews does. */
export function judgeLink(text: string, { hosts, own }: LinkRules): Piece {
  const wrong = (detail: string): Piece => ({ text, is: 'wrong', detail });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return wrong('is no address');
  }
  if (url.protocol !== 'https:') return wrong('does not begin with https://');
  if (url.username !== '' || url.password !== '') return wrong('carries a login');
  const host = url.hostname.replace(/\.$/, '');
  const below = (name: string) => host === name || host.endsWith(`.${name}`);
  if (!host.includes('.') || ['example.com', 'example.org', 'example.net'].some(below))
    return wrong(`names ${host}, where no log can be`);
  if (hosts.length > 0 && !hosts.some(below))
    return wrong(`is at ${host}; what counts is at ${hosts.join(', ')}`);
  const here = new URL(own);
  if (host === here.hostname && `${url.pathname}/`.startsWith(`${here.pathname}/`))
    return wrong('is this pull request itself');
  return { text, is: 'ok', detail: `a link to ${host}` };
}

/** What is known of the issue that a number names. */
export interface IncidentFacts {
  open: boolean;
  /** Whether the suite opened it and nobody else edited it. */
  trusted: boolean;
  /** Whether it is about the service that is fixed. */
  ofService: boolean;
}

/** Whether an issue can be evidence: an open incident of this service that the suite itself opened. */
export function judgeIncident(text: string, facts: IncidentFacts | undefined): Piece {
  const wrong = (detail: string): Piece => ({ text, is: 'wrong', detail });
  if (!facts) return wrong('is no issue of this repository');
  if (!facts.trusted) return wrong('was not opened by the suite, or somebody edited it');
  if (!facts.ofService) return wrong('is about another service');
  if (!facts.open) return wrong('is closed');
  return { text, is: 'ok', detail: 'an open incident of this service' };
}

/** The answer: one good piece is enough, and what is wrong beside it is shown. */
export function judgeEvidence(pieces: readonly Piece[]): { ok: boolean; message: string } {
  const good = pieces.filter(({ is }) => is === 'ok').length;
  if (good > 0) return { ok: true, message: `${good} of ${pieces.length} pieces of evidence count` };
  const fix =
    'Fix: write into the description  Evidence: https://… (the log line or trace that shows the cause) or the number of its incident, then "Re-run failed jobs"';
  if (pieces.length === 0) return { ok: false, message: `A line "Evidence:" with a link is missing. ${fix}` };
  const why = pieces.map(({ text, detail }) => `${text} ${detail}`).join('; ');
  return { ok: false, message: `The evidence does not count: ${why}. ${fix}` };
}
