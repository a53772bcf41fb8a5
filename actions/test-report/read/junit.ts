import { parseXml, type Element } from './xml.js';

/** One test as a report of JUnit's form has it. */
export interface TestCase {
  name: string;
  result: 'passed' | 'failed' | 'skipped';
  seconds: number;
  /** Why it failed or was left out. */
  message: string;
  file?: string;
  line?: number;
}

/** The tests of a report; a text says why it cannot be believed. */
export function readJunit(source: string): TestCase[] | string {
  const root = parseXml(source);
  if (typeof root === 'string') return `it is no XML: ${root}`;
  if (root.name !== 'testsuites' && root.name !== 'testsuite')
    return `its root is <${root.name}>, not <testsuites>`;
  const cases = casesIn(root);
  const tests = countSaid(root, ['tests']);
  if (tests > cases.length)
    return `it counts ${tests} tests and names ${cases.length}: it was cut, or a suite did not run`;
  const counted = cases.filter(({ result }) => result === 'failed').length;
  const said = countSaid(root, ['failures', 'errors']);
  // A suite that could not even be loaded has no test of its own to fail.
  const unnamed = said - counted;
  return unnamed > 0
    ? [
        ...cases,
        {
          name: root.attributes['name'] || 'a suite',
          result: 'failed',
          seconds: 0,
          message: `The report counts ${said} failures and errors, and names ${counted}: a suite did not run`,
        },
      ]
    : cases;
}

function casesIn({ name, attributes, children }: Element): TestCase[] {
  if (name !== 'testcase') return children.flatMap(casesIn);
  const bad = children.find((child) => child.name === 'failure' || child.name === 'error');
  const skipped = children.find((child) => child.name === 'skipped');
  const why = bad ?? skipped;
  const seconds = Number(attributes['time'] ?? 0);
  const line = Number(attributes['line'] ?? NaN);
  return [
    {
      name:
        [attributes['classname'], attributes['name']].filter(Boolean).join(' › ') || 'a test without a name',
      result: bad ? 'failed' : skipped ? 'skipped' : 'passed',
      seconds: seconds > 0 && seconds < Infinity ? seconds : 0,
      message: (why?.attributes['message'] || why?.text.trim() || '').split('\n', 1)[0]!,
      ...(attributes['file'] ? { file: attributes['file'] } : {}),
      // pytest counts from 0.
      ...(Number.isInteger(line) && line >= 0 ? { line: line + 1 } : {}),
    },
  ];
}

/** What the outermost suites that count say: those within them are in it already. */
function countSaid({ name, attributes, children }: Element, keys: readonly [string, ...string[]]): number {
  if (name === 'testcase') return 0;
  const [first, ...others] = keys.map((key) => attributes[key]);
  const said = [Number(first ?? NaN), ...others.map((other) => Number(other ?? 0))];
  const sum = said.reduce((total, each) => total + each, 0);
  return sum >= 0 ? sum : children.reduce((total, child) => total + countSaid(child, keys), 0);
}
