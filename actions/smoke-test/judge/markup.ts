import type { MarkupQuery, MarkupDocument } from '../../../shared/probes/evaluators/markup.js';
import type { Judged } from './finding.js';
import { judged, type Judging, type Page } from './judging.js';
import type { CssMatcher, XPathMatcher } from '../suite/schema/matcher-schema.js';
import { matchTexts, operandsOf, textOperators } from './match-text.js';

/** XPath and CSS expectations; a body that is no HTML or XML has no answer to any of them. */
export function judgeMarkup(
  xpaths: readonly XPathMatcher[],
  selectors: readonly CssMatcher[],
  answer: Page,
  judging: Judging,
): Judged[] {
  if (xpaths.length + selectors.length === 0) return [];
  const read = judging.markupOf(answer);
  if (!read.ok) {
    const key = xpaths.length > 0 ? 'xpath' : 'css';
    return [
      judged(
        undefined,
        key,
        [key],
        'an HTML or XML body',
        `${read.reason}: ${judging.excerpt(answer.text())}`,
      ),
    ];
  }
  return [
    ...xpaths.flatMap((matcher, index) => {
      const query = judging.xpathOf(matcher.path, matcher.namespaces);
      const asked = { matcher, check: `xpath ${matcher.path}`, path: ['xpath', index] };
      return judgeNodes(asked, query, read.document, judging);
    }),
    ...selectors.flatMap((matcher, index) => {
      const query = judging.selectorOf(matcher.selector, matcher.attribute);
      const check = `css ${matcher.selector}${matcher.attribute === undefined ? '' : ` @${matcher.attribute}`}`;
      return judgeNodes({ matcher, check, path: ['css', index] }, query, read.document, judging);
    }),
  ];
}

/** An expectation on nodes, its name in reports and its place in the step. */
interface AskedNodes {
  matcher: XPathMatcher | CssMatcher;
  check: string;
  path: readonly PropertyKey[];
}

function judgeNodes(
  { matcher, check, path }: AskedNodes,
  query: MarkupQuery,
  document: MarkupDocument,
  { lookup, excerpt }: Judging,
): Judged[] {
  const found = query.find(document);
  if (!found.ok) return [judged(undefined, check, path, 'an answer of the query', `none: ${found.reason}`)];
  const { texts, isList } = found.value;
  const listed = excerpt(describeTexts(texts));
  const result: Judged[] = [];
  const add = (holds: Parameters<typeof judged>[0], key: string, expected: string, got = listed) =>
    result.push(judged(holds, check, [...path, key], excerpt(expected), got));
  const { exists, count } = matcher;
  const blank = isBlank(found.value);
  const plain = 'a value and no list of nodes, which always exists (use equals)';
  if (exists !== undefined) {
    const holds = isList ? texts.length > 0 === exists : undefined;
    add(holds, 'exists', exists ? 'at least one node' : 'no node', isList ? listed : plain);
  }
  if (count !== undefined) {
    const holds = isList ? texts.length === count : undefined;
    add(holds, 'count', `${count} nodes`, isList ? `${texts.length}: ${listed}` : plain);
  }
  for (const key of textOperators) {
    for (const { source, path: at } of operandsOf(matcher, key)) {
      const { holds, expected, problem } = matchTexts(key, source, texts, lookup);
      const proves = !blank || (holds === true && key !== 'not-contains');
      const shown = proves ? listed : `${listed}, as of a path that finds nothing`;
      const wanted = excerpt(key === 'equals' ? expected : `a node with ${expected}`);
      result.push(judged(proves ? holds : undefined, check, [...path, ...at], wanted, problem ?? shown));
    }
  }
  return result;
}

/** Whether this is what an expression gives that found nothing, which lacks and differs from everything. */
export function isBlank({ texts, isList }: { texts: readonly string[]; isList: boolean }): boolean {
  return !isList && (texts[0] === '' || texts[0] === 'NaN');
}

/** At most this many texts are quoted in a message. */
const quotedTexts = 5;

function describeTexts(texts: readonly string[]): string {
  if (texts.length === 0) return 'no node';
  const quoted = texts
    .slice(0, quotedTexts)
    .map((text) => JSON.stringify(text))
    .join(', ');
  if (texts.length === 1) return quoted;
  return `${texts.length} nodes: ${quoted}${texts.length > quotedTexts ? ', …' : ''}`;
}
