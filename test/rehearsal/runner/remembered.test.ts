import { expect, it } from '@jest/globals';
import { remembered } from '../../../rehearsal/runner/read/remembered.js';

it('reads the same words once, the oldest of too many again, and what failed each time', () => {
  const asked: string[] = [];
  const read = remembered(2, (path: string, text: string) => {
    asked.push(path);
    if (text === '') throw new Error('empty');
    return { path, text };
  });
  expect(read('a', 'x')).toBe(read('a', 'x'));
  expect(read('a', 'y')).toEqual({ path: 'a', text: 'y' });
  expect(read('b', 'x')).toEqual({ path: 'b', text: 'x' });
  expect(asked).toEqual(['a', 'a', 'b']);
  read('a', 'x');
  expect(asked).toEqual(['a', 'a', 'b', 'a']);
  expect(() => read('c', '')).toThrow('empty');
  expect(() => read('c', '')).toThrow('empty');
  expect(asked.slice(4)).toEqual(['c', 'c']);
});
