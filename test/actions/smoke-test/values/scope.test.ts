import { expect, test } from '@jest/globals';
import { createScope } from '../../../../actions/smoke-test/values/scope.js';

const values = { variables: { name: 'Ana' }, environment: { HOST: 'h' }, secrets: { KEY: 'k3y' } };

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
}

test('variables, environment and secrets are found by their own names only', () => {
  const { lookup } = createScope(values, seeded(1), 0);
  expect([lookup('name'), lookup('env.HOST'), lookup('secrets.KEY')]).toEqual(['Ana', 'h', 'k3y']);
  expect([lookup('HOST'), lookup('KEY'), lookup('env.KEY'), lookup('toString')]).toEqual(
    Array(4).fill(undefined),
  );
});

test('generated values stay the same inside a flow, differ by label, and differ between flows', () => {
  const random = seeded(7);
  const one = createScope(values, random, 0);
  const other = createScope(values, random, 0);
  expect(one.lookup('email')).toBe(one.lookup('email'));
  expect(one.lookup('email.buyer')).not.toBe(one.lookup('email'));
  expect(other.lookup('email')).not.toBe(one.lookup('email'));
});

test('generated values have the form they promise', () => {
  const { lookup } = createScope(values, seeded(42), Date.UTC(2026, 0, 31, 12));
  expect(lookup('uuid')).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(lookup('email')).toMatch(/^smoke-[\da-f]{12}@example\.com$/);
  expect(lookup('timestamp')).toBe('2026-01-31T12:00:00.000Z');
  expect(Number.isInteger(lookup('number'))).toBe(true);
});

test('times are those of the flow, or as much later as their label says', () => {
  const { lookup } = createScope(values, seeded(42), Date.UTC(2026, 0, 31, 12, 0, 0, 250));
  expect(
    ['today', 'today.1d', 'timestamp.1h30m', 'epoch', 'epoch.1m', 'epoch-ms', 'epoch-ms.2w'].map(lookup),
  ).toEqual([
    '2026-01-31',
    '2026-02-01',
    '2026-01-31T13:30:00.250Z',
    1_769_860_800,
    1_769_860_860,
    1_769_860_800_250,
    1_769_860_800_250 + 14 * 86_400_000,
  ]);
  expect([lookup('today.later'), lookup('epoch.'), lookup('epoch.-1d')]).toEqual(Array(3).fill(undefined));
});

test('the same chance gives the same values', () => {
  const make = () => ['uuid', 'email', 'number'].map(createScope(values, seeded(3), 0).lookup);
  expect(make()).toEqual(make());
});

test('a captured value is found by its name, and the latest one counts', () => {
  const scope = createScope(values, seeded(1), 0);
  scope.capture('token', 'a');
  scope.capture('token', { b: 1 });
  expect(scope.lookup('token')).toEqual({ b: 1 });
});
