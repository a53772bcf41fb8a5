import { describe, expect, it } from '@jest/globals';
import { fitSummary, mostSevere } from '../../../shared/report/limits.js';

const bytes = (text: string) => Buffer.byteLength(text);

describe('a summary', () => {
  it('that fits stays as it is and ends with a line break', () => {
    expect(fitSummary('a\nb')).toBe('a\nb\n');
    expect(fitSummary('a\n')).toBe('a\n');
  });

  it('of exactly the limit fits, one byte more is cut at a line', () => {
    const line = `${'x'.repeat(99)}\n`;
    expect(fitSummary(line.repeat(10_000))).toBe(line.repeat(10_000));
    const cut = fitSummary(`${line.repeat(10_000)}y`);
    expect(cut.startsWith(`${line.repeat(9_999)}${'x'.repeat(99)}\n`)).toBe(true);
    expect(cut).toContain('the whole would be 1000001 bytes');
  });

  it.each(['é', '€', '😀', 'x'])('is measured in bytes and never cut inside of %s', (character) => {
    const cut = fitSummary(character.repeat(1_200_000));
    expect(bytes(cut)).toBeLessThan(1_048_576);
    expect(cut.split('\n')[0]!.replaceAll(character, '').replaceAll('\uFFFD', '')).toBe('');
  });
});

describe('annotations', () => {
  const of = (...levels: ('error' | 'warning' | 'notice')[]) =>
    levels.map((level, i) => ({ level, message: `${level} ${i}` }));

  it('come with the most severe first, otherwise in their order', () => {
    expect(mostSevere(of('notice', 'error', 'warning', 'error')).map(({ message }) => message)).toEqual([
      'error 1',
      'error 3',
      'warning 2',
      'notice 0',
    ]);
  });

  it('are ten at most, the last of which counts the others', () => {
    expect(mostSevere(of(...Array<'error'>(10).fill('error')))).toHaveLength(10);
    const shown = mostSevere(of(...Array<'warning'>(11).fill('warning'), 'error'));
    expect(shown).toHaveLength(10);
    expect(shown[0]?.level).toBe('error');
    expect(shown.at(-1)).toEqual({ level: 'warning', message: '3 more; the report file lists all of them.' });
  });
});
