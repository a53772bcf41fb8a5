import { jsonValue } from '../body.js';
import type { DraftStep, Refuse } from '../draft.js';
import { Expected } from '../expected.js';
import type { Comparable } from '../json-condition.js';
import { quotedAsText, referencesIn, type Names } from '../names.js';
import { readCapture } from './captures.js';
import { readAssert, readVersion, type AssertContext } from './asserts.js';
import { linesOf, pairOf, type Body, type Entry } from './parse.js';

/** What a response is read with besides itself. */
export interface ResponseContext {
  names: Names;
  refuseAt(line: number): Refuse;
  /** Whether a reference of the suite always stands for text. */
  isText(reference: string): boolean;
  /** The value of a variable, by its name in the original, that is a number, a boolean or null. */
  literalOf(name: string, refuse: Refuse): Comparable | undefined;
}

/** What an entry expects of its answer and takes from it; `assumed` says that nothing looked at the status. */
export function readResponse(
  { line, response }: Entry,
  { names, refuseAt, isText, literalOf }: ResponseContext,
): { expect: Record<string, unknown>; assumed: boolean; capture: NonNullable<DraftStep['capture']> } {
  const expected = new Expected();
  const capture: NonNullable<DraftStep['capture']> = {};
  const captures = linesOf(response?.sections, 'Captures');
  const captured = new Set(captures.map(({ text }) => names.rename(pairOf(text)?.[0] ?? '')));
  const rewriteAt = (at: number) => (text: string) => {
    const rewritten = names.rewrite(text, refuseAt(at));
    const fresh = referencesIn(rewritten).find((name) => captured.has(name));
    if (fresh !== undefined)
      refuseAt(at)(
        `a comparison with ${fresh}, which the same answer gives`,
        'compare in the next entry: a suite captures what was as expected',
      );
    return rewritten;
  };
  const status = response?.status;
  if (response && response.version !== 'HTTP')
    readVersion(response.version.replace('HTTP/', ''), expected, refuseAt(response.line));
  if (typeof status === 'number') expected.status((got) => got === status);
  for (const { line, text } of response?.headers ?? []) {
    const pair = pairOf(text);
    if (pair) expected.header(pair[0], 'equals', rewriteAt(line)(pair[1]), refuseAt(line));
    else refuseAt(line)(`a header that is not understood: ${text}`);
  }
  for (const { text, line } of response?.sections ?? []) {
    if (text !== 'Captures' && text !== 'Asserts') refuseAt(line)(`the section [${text}]`);
  }
  for (const { line, text } of linesOf(response?.sections, 'Asserts'))
    readAssert(text, expected, {
      rewrite: rewriteAt(line),
      isText,
      literalOf: (name) => literalOf(name, refuseAt(line)),
      refuse: refuseAt(line),
    });
  for (const { line, text } of captures) {
    const read = readCapture(text, expected, refuseAt(line));
    if (read === 'refused') continue;
    const name = read && names.rename(read.name);
    if (name !== undefined && Object.hasOwn(capture, name))
      refuseAt(line)(`a second capture of the name ${read!.name}`, 'give it a name of its own');
    else if (name !== undefined) capture[name] = read!.rule;
    else refuseAt(line)(`a capture that has no counterpart: ${text}`);
  }
  if (response?.body)
    expectBody(response.body, expected, {
      rewrite: rewriteAt(response.body.line),
      isText,
      refuse: refuseAt(response.body.line),
    });
  return { ...expected.write(refuseAt(response?.line ?? line)), capture };
}

function expectBody(
  { kind, text }: Body,
  expected: Expected,
  { rewrite, isText, refuse }: Pick<AssertContext, 'rewrite' | 'isText' | 'refuse'>,
): void {
  if (kind === 'text' || kind === 'xml') return expected.body('equals', rewrite(text), refuse);
  const json = kind === 'json' ? jsonValue(quotedAsText(rewrite(text), isText), isText) : undefined;
  if (json) expected.json({ path: '$', equals: json.value });
  else refuse('a whole body other than text, XML and JSON of which variables are texts');
}
