import { describe, expect, it } from '@jest/globals';
import { linear, shownLabels, ticksTo } from '../../../shared/report/charts-axis.js';
import { sparkline, spreadLine, stackedColumns } from '../../../shared/report/charts.js';
import { mermaidBars } from '../../../shared/report/mermaid.js';

const text = { id: 'x', title: 'A & B', description: '<all>' };

describe('ticks', () => {
  it.each([
    [5, [0, 2, 4, 6]],
    [1, [0, 0.5, 1]],
    [0.07, [0, 0.02, 0.04, 0.06, 0.08]],
    [100, [0, 50, 100]],
    [0, [0, 1]],
  ])('to %d are %j', (max, ticks) => {
    expect(ticksTo(max)).toEqual(ticks);
  });

  it('of counts are whole', () => {
    expect(ticksTo(2, 4, true)).toEqual([0, 1, 2]);
  });
});

describe('a scale', () => {
  it('puts 0 at the bottom and the most at the top', () => {
    const y = linear(4, 190, 14);
    expect([y(0), y(2), y(4)]).toEqual([190, 102, 14]);
  });
});

describe('labels', () => {
  it('are thinned out evenly and always show the last', () => {
    expect([...shownLabels(12, 6)]).toEqual([1, 3, 5, 7, 9, 11]);
    expect([...shownLabels(3, 6)]).toEqual([0, 1, 2]);
  });
});

describe('columns', () => {
  const { markup } = stackedColumns(text, [
    {
      label: 'a',
      message: '3 of 4 <good>',
      parts: [
        { value: 3, class: 'ok' },
        { value: 1, class: 'bad' },
      ],
    },
    {
      label: 'b',
      message: 'none',
      parts: [
        { value: 0, class: 'ok' },
        { value: 0, class: 'bad' },
      ],
    },
  ]);

  it('stack their parts with heights in proportion and draw nothing for 0', () => {
    const rects = [...markup.matchAll(/<rect class="(\w+)"[^>]*y="([\d.]+)"[^>]*height="([\d.]+)"/g)];
    expect(rects.map((rect) => rect[1])).toEqual(['ok', 'bad']);
    const [ok, bad] = rects.map((rect) => Number(rect[3]) + 1);
    expect(ok! / bad!).toBeCloseTo(3, 1);
    expect(Number(rects[0]![2])).toBeGreaterThan(Number(rects[1]![2]));
  });

  it('carry a title and a description, escaped', () => {
    expect(markup).toContain(
      '<title id="x-title">A &amp; B</title><desc id="x-description">&lt;all&gt;</desc>',
    );
    expect(markup).toContain('3 of 4 &lt;good&gt;');
  });
});

describe('a line', () => {
  const point = (middle: number | null) => ({ label: '', message: '', middle, high: middle });

  it('has a gap where there is no value, not a drop to 0', () => {
    const { markup } = spreadLine(text, [1, 2, null, 3, 4].map(point), String);
    const lines = [...markup.matchAll(/<polyline class="line" points="([^"]+)"/g)].map(
      (line) => line[1]!.split(' ').length,
    );
    expect(lines).toEqual([2, 2]);
    expect([...markup.matchAll(/<circle/g)]).toHaveLength(4);
  });

  it('stays inside its picture without values, and with one', () => {
    for (const values of [[], [null], [0], [7]]) {
      const { markup } = spreadLine(text, values.map(point), String);
      expect(markup).not.toMatch(/NaN|Infinity|undefined/);
    }
    expect(sparkline([]).markup).not.toMatch(/NaN|Infinity|undefined/);
    expect(sparkline([null, 3]).markup).toContain('<circle');
  });
});

describe('a Mermaid chart', () => {
  it('keeps nothing in its labels that its grammar or the fence could take for its own', () => {
    const chart = mermaidBars({
      title: '"]\n```\n%%{init}',
      yAxis: 'n',
      labels: ['a"]', 'b'],
      values: [1, 2],
    });
    expect(chart).toBe(
      '```mermaid\n%%{init: {"themeVariables": {"xyChart": {"plotColorPalette": "#2f6fde"}}}}%%\nxychart-beta\n  title "init"\n  x-axis ["a", "b"]\n  y-axis "n" 0 --> 2\n  bar [1, 2]\n```',
    );
  });
});
