import { expect, test } from '@jest/globals';
import { whenAborted } from '../../../shared/time/when-aborted.js';

test('every task of one signal hears of its abort once, except those that left, and node warns of no leak', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.message);
  process.on('warning', note);
  const controller = new AbortController();
  const heard: number[] = [];
  const leave = Array.from({ length: 50 }, (_, index) =>
    whenAborted(controller.signal, () => void heard.push(index)),
  );
  leave.slice(20).forEach((one) => one());
  controller.abort();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(heard).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(warnings).toEqual([]);
});

test('a task of a signal that has aborted hears of it at once, and once', () => {
  let heard = 0;
  const leave = whenAborted(AbortSignal.abort(), () => heard++);
  expect(heard).toBe(1);
  leave();
  expect(heard).toBe(1);
});

test('a task without a signal never hears of an abort', () => {
  expect(whenAborted(undefined, () => expect('called').toBe('never'))()).toBeUndefined();
});
