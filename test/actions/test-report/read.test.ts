import { describe, expect, it } from '@jest/globals';
import { readCoverage } from '../../../actions/test-report/read/coverage.js';
import { readJunit } from '../../../actions/test-report/read/junit.js';

const results = (source: string) => {
  const read = readJunit(source);
  return typeof read === 'string' ? read : read.map(({ name, result }) => `${name}: ${result}`);
};

describe('a report of JUnit’s form', () => {
  it('of pytest is read with places and messages', () => {
    const source = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3" time="0.5">
<testcase classname="tests.test_a" name="test_ok" time="0.1"/>
<testcase classname="tests.test_a" name="test_bad" file="tests/test_a.py" line="6" time="0.2"><failure message="assert 1 == 2">def test_bad():
&gt; assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_later" time="0"><skipped type="pytest.skip" message="not yet"/></testcase>
</testsuite></testsuites>`;
    expect(readJunit(source)).toEqual([
      { name: 'tests.test_a › test_ok', result: 'passed', seconds: 0.1, message: '' },
      {
        name: 'tests.test_a › test_bad',
        result: 'failed',
        seconds: 0.2,
        message: 'assert 1 == 2',
        file: 'tests/test_a.py',
        line: 7,
      },
      { name: 'tests.test_a › test_later', result: 'skipped', seconds: 0, message: 'not yet' },
    ]);
  });

  it.each([
    ['a single suite', '<testsuite><testcase name="a"/></testsuite>', ['a: passed']],
    [
      'suites in suites',
      '<testsuites><testsuite><testsuite><testcase name="a"/></testsuite></testsuite></testsuites>',
      ['a: passed'],
    ],
    ['an error', '<testsuite><testcase name="a"><error>boom</error></testcase></testsuite>', ['a: failed']],
    [
      'text in CDATA',
      '<testsuite><testcase name="a"><failure><![CDATA[x]]></failure></testcase></testsuite>',
      ['a: failed'],
    ],
    ['a test without a name', '<testsuite><testcase/></testsuite>', ['a test without a name: passed']],
  ])('may have %s', (_, source, wanted) => {
    expect(results(source)).toEqual(wanted);
  });

  it.each([
    [
      'in the suite',
      '<testsuite name="s" tests="1" failures="0" errors="1"><testcase name="a"/></testsuite>',
    ],
    [
      'in the whole, which counts its suites',
      '<testsuites name="s" tests="1" failures="1"><testsuite name="t" failures="1"><testcase name="a"/></testsuite></testsuites>',
    ],
  ])('that counts a failure which no test has fails: %s', (_, source) => {
    expect(results(source)).toEqual(['a: passed', 's: failed']);
  });

  it.each([
    ['in the suite', '<testsuite tests="3"><testcase name="a"/></testsuite>', 3, 1],
    ['in the whole', '<testsuites tests="2"><testsuite><testcase name="a"/></testsuite></testsuites>', 2, 1],
    [
      'in several suites',
      '<testsuites><testsuite tests="1"><testcase name="a"/></testsuite><testsuite tests="1"/></testsuites>',
      2,
      1,
    ],
  ])('that counts more tests than it names is not believed: %s', (_, source, said, named) => {
    expect(readJunit(source)).toBe(
      `it counts ${said} tests and names ${named}: it was cut, or a suite did not run`,
    );
  });

  it('may name more tests than its outermost suite counts, as one of node:test does', () => {
    const source =
      '<testsuite tests="1"><testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite></testsuite>';
    expect(results(source)).toEqual(['a: passed', 'b: passed']);
  });

  it.each([
    ['', /no XML|empty/],
    ['not xml', /no XML/],
    ['<testsuites><testsuite>', /no XML/],
    ['<html></html>', /its root is <html>/],
    [`${'<testsuite>'.repeat(100)}${'</testsuite>'.repeat(100)}`, /more than 64/],
    ['<!DOCTYPE x [<!ENTITY a "b">]><testsuite><testcase name="&a;"/></testsuite>', /no XML/],
  ])('%j is refused', (source, why) => {
    expect(readJunit(source)).toMatch(why);
  });

  it('takes no number of seconds that is none', () => {
    const source =
      '<testsuite><testcase name="a" time="-1"/><testcase name="b" time="x"/><testcase name="c" time="Infinity"/></testsuite>';
    expect((readJunit(source) as { seconds: number }[]).map(({ seconds }) => seconds)).toEqual([0, 0, 0]);
  });
});

describe('a report of coverage', () => {
  it.each([
    [
      'Cobertura',
      '<?xml version="1.0" ?><!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd"><coverage lines-valid="10" lines-covered="8" line-rate="0.8"/>',
    ],
    ['Istanbul’s summary', '{"total":{"lines":{"total":10,"covered":8,"skipped":0,"pct":80}}}'],
    ['lcov', 'TN:\nSF:a.ts\nLF:6\nLH:5\nend_of_record\nSF:b.ts\nLF:4\nLH:3\nend_of_record\n'],
  ])('is read from %s', (_, source) => {
    expect(readCoverage(source)).toMatchObject({ lines: 10, covered: 8 });
  });

  it.each([
    ['no line of code', '<coverage lines-valid="0" lines-covered="0" line-rate="1"/>', /knows no line/],
    [
      'no line of code, which Istanbul calls Unknown',
      '{"total":{"lines":{"total":0,"covered":0,"pct":"Unknown"}}}',
      /knows no line/,
    ],
    ['only a rate', '<coverage line-rate="1"/>', /has no <coverage lines-valid/],
    ['more than all', '<coverage lines-valid="1" lines-covered="2"/>', /says 2 of 1/],
    ['a word', '<coverage lines-valid="x" lines-covered="2"/>', /says 2 of NaN/],
    ['half a file', '{"total":{"lines"', /no JSON/],
    ['another JSON', '{"a.ts":{}}', /json-summary/],
    ['nothing', '', /neither Cobertura/],
    ['a cut lcov', 'SF:a.ts\nLF:6\nLH:6\nend_of_record\nSF:b.ts\nLF:4', /was cut/],
    ['a cut XML', '<coverage lines-valid="1" lines-covered="1">', /no XML/],
  ])('with %s is refused', (_, source, why) => {
    expect(readCoverage(source)).toMatch(why);
  });
});
