import { describe, expect, it } from '@jest/globals';
import { parseExposition } from '../../../shared/text/exposition.js';
import { cpuMs } from '../../support/cpu-time.js';

const read = (page: string, ...wanted: string[]) =>
  parseExposition(page, new Set(wanted.length ? wanted : ['m']));
const series = (page: string) => {
  const parsed = read(page);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.series.map(({ labels, ...rest }) => ({ ...rest, labels: { ...labels } }));
};

describe('a metrics page', () => {
  it('gives labels, values and timestamps', () => {
    expect(
      series(
        '# HELP m Requests.\n# TYPE m counter\nm{code="200",route="/a"} 12\nm{code="500"} 3 1700000000000\n',
      ),
    ).toEqual([
      { name: 'm', labels: { code: '200', route: '/a' }, value: 12 },
      { name: 'm', labels: { code: '500' }, value: 3, timestamp: 1_700_000_000_000 },
    ]);
  });

  it.each([
    ['m 1', { labels: {}, value: 1 }],
    ['m{} 1', { labels: {}, value: 1 }],
    ['m{a="1",} 1', { labels: { a: '1' }, value: 1 }],
    ['m { a = "1" } 1'.replace('m {', 'm{'), { labels: { a: '1' }, value: 1 }],
    ['m\t1.5e3', { labels: {}, value: 1500 }],
    ['m{a="q\\"u\\\\o\\nte, }"} +Inf', { labels: { a: 'q"u\\o\nte, }' }, value: Infinity }],
    ['m{__proto__="x"} 1', { labels: Object.fromEntries([['__proto__', 'x']]), value: 1 }],
    ['m NaN', { labels: {}, value: NaN }],
    ['m 1\r', { labels: {}, value: 1 }],
  ])('reads %j', (line, expected) => {
    expect(series(line)).toEqual([{ name: 'm', ...expected }]);
  });

  it('keeps only what is wanted, and knows the other names', () => {
    const parsed = read('other 1\nm 2\n');
    expect(parsed).toMatchObject({ ok: true, series: [{ name: 'm', value: 2 }] });
    expect(parsed.ok && [...parsed.names]).toEqual(['other', 'm']);
  });

  it.each([
    ['m 1\n<html>', 'line 2'],
    ['m{a=1} 1', 'labels'],
    ['m{a="1" b="2"} 1', 'labels'],
    ['m{a="1"', 'labels'],
    ['m{a="1",a="2"} 1', 'a second time'],
    ['m{a="\\x"} 1', 'unknown escape'],
    ['m', 'no value'],
    ['m one', 'no value'],
    ['m 1 2 3', 'no value'],
    ['m 0x10', 'no value'],
    ['m 1 # {trace_id="x"} 1', 'no value'],
    ['m 1\nm 2', 'the same series a second time'],
    ['m{a="1",b="2"} 1\nm{b="2",a="1"} 2', 'the same series a second time'],
    ['# TYPE m counter\n# TYPE m gauge', 'a second TYPE'],
    [`m{a="${'x'.repeat(20_000)}"} 1`, 'longer than'],
    [`m{${Array.from({ length: 65 }, (_, i) => `l${i}="x"`).join(',')}} 1`, 'labels'],
    ['\u0000\u0001', 'no metric name'],
  ])('is refused whole for %j', (page, why) => {
    const parsed = read(page);
    expect(parsed).toMatchObject({ ok: false, why: expect.stringContaining(why) });
    expect(parsed).toMatchObject({ why: expect.stringMatching(/^line \d+: /) });
  });

  it('is refused when one metric has more series than a watch should read', () => {
    const page = Array.from({ length: 20_001 }, (_, i) => `m{i="${i}"} 1`).join('\n');
    expect(read(page)).toMatchObject({ ok: false, why: expect.stringContaining('more than 20000 series') });
  });

  it('does not slow down on labels made to backtrack', () => {
    const hostile = `m{a="${'\\\\'.repeat(8_000)}`;
    const start = cpuMs();
    expect(read(`${hostile}\n`.repeat(1)).ok).toBe(false);
    expect(cpuMs() - start).toBeLessThan(1_000);
  });
});

describe('exemplars of OpenMetrics', () => {
  it.each(['a#b', 'a } b', 'a\\"b', '{}', ''])('with a trace id of %j are passed over', (trace) => {
    const page = `x_total{a="#}"} 3 # {trace_id="${trace}",span="#"} 1.0 1520879607.789\n# EOF\n`;
    expect(parseExposition(page, new Set(['x_total']), 'openmetrics')).toMatchObject({
      ok: true,
      series: [{ value: 3, labels: { a: '#}' } }],
    });
  });

  it.each(['# {', '# {a="b} 1', '# {a="b"}', '# a="b" 1'])('that are none (%j) are errors', (text) => {
    expect(parseExposition(`x_total 3 ${text}\n# EOF\n`, new Set(['x_total']), 'openmetrics').ok).toBe(false);
  });
});
