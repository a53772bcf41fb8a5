import type { Section } from '../config/schema.js';

/** The heading under which a comment is the post-mortem. */
export const postMortemHeading = '## Post-mortem';

/** Words that stand where nothing was written yet. */
const placeholders = /^(?:to ?do|tbd|tba|n\/?a|none|nothing|pending|x+|\?+|-+|\.+|…|wip|later)$/i;

/** The comment that people copy and fill in. */
export function postMortemTemplate(sections: readonly Section[]): string {
  return [
    postMortemHeading,
    ...sections.map(({ heading, hint }) => `### ${heading}\n\n${hint === '' ? '' : `_${hint}_`}`.trimEnd()),
  ].join('\n\n');
}

/** Whether a comment is meant as a post-mortem. */
export const isPostMortem = (text: string): boolean => /^ {0,3}#{1,6} +post-?mortem\b/im.test(text);

/** What is missing in a section, in words; undefined when it is filled in. */
export type Missing = { heading: string; why: string };

/** The sections that are absent, empty, still as in the template, or name nothing where they should. Pure. */
export function missingSections(text: string, sections: readonly Section[]): Missing[] {
  const written = sectionsOf(text);
  return sections.flatMap(({ heading, hint, 'names-change': namesChange }): Missing[] => {
    const body = written.get(nameOf(heading));
    if (body === undefined) return [{ heading, why: 'the heading is not there' }];
    const content = contentOf(body, hint);
    if (content === '') return [{ heading, why: 'it is empty, or still as in the template' }];
    if (namesChange && !namesSomething(content))
      return [{ heading, why: 'it names no pull request, issue, link or file' }];
    return [];
  });
}

/** Characters of a line that are looked at: the text is of others, and patterns on longer ones take their time. */
const longestLine = 2_000;

const nameOf = (heading: string) => heading.trim().toLowerCase().replace(/\s+/g, ' ');

/** Texts by their heading; a fenced block has no headings, and the same heading twice has the text of both. */
function sectionsOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let current: string | undefined;
  let fence: string | undefined;
  for (const whole of text.replace(/<!--[\s\S]*?(?:-->|$)/g, '').split(/\r?\n/)) {
    const line = whole.slice(0, longestLine);
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined && mark) fence = mark;
    else if (mark && fence && mark.startsWith(fence)) fence = undefined;
    const heading = fence === undefined ? /^ {0,3}#{1,6} +(.*?)(?: +#+)? *$/.exec(line)?.[1] : undefined;
    if (heading !== undefined) {
      current = nameOf(heading);
      found.set(current, found.get(current) ?? '');
    } else if (current !== undefined) found.set(current, `${found.get(current)}\n${line}`);
  }
  return found;
}

/** What people wrote: without the template's hint, marks of lists and emphasis, and placeholders. */
function contentOf(body: string, hint: string): string {
  const plain = (text: string) =>
    text
      .replace(/[*_`>~]/g, '')
      .replace(/\s+/g, ' ')
      .trim();
  const lines = (
    hint === '' ? plainLines(body) : plainLines(body).filter((line) => plain(line) !== plain(hint))
  )
    .map((line) => line.replace(/^\s*(?:[-*+]|\d+[.)])\s*/, '').replace(/^\[[ x]\]\s*/i, ''))
    .filter((line) => {
      const text = plain(line).replace(/[.:!]+$/, '');
      return /[\p{L}\p{N}]/u.test(text) && !placeholders.test(text);
    });
  return lines.join('\n').trim();
}

const plainLines = (body: string) => body.split('\n').filter((line) => line.trim() !== '');

const namesSomething = (text: string): boolean =>
  /(?:^|[\s(])#\d+/.test(text) ||
  /https?:\/\/\S+/.test(text) ||
  /(?:^|[\s`'"(])[\w.-]+\/[\w./-]*\w/.test(text) ||
  /`[\w-]+\.[a-z]{1,5}`/i.test(text);
