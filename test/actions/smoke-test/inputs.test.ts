import { expect, test } from '@jest/globals';
import * as z from 'zod';
import { inputs, outputs } from '../../../actions/smoke-test/inputs.js';
import { suiteSchema } from '../../../actions/smoke-test/suite/schema/schema.js';
import { readInputs, secretInputs } from '../../../shared/runner/read-inputs.js';

test('nothing given means the defaults', () => {
  expect(readInputs(inputs, {})).toEqual({
    suite: '.github/smoke.yml',
    concurrency: 10,
    har: false,
    html: false,
    tap: false,
  });
});

test('variables and secrets are lines or JSON, with everything after the first = as value', () => {
  const env = { INPUT_VARIABLES: ' a=1=2 \n\nb-c = x y', INPUT_SECRETS: '{"KEY":"line 1\\nline 2"}' };
  expect(readInputs(inputs, env)).toMatchObject({
    variables: { a: '1=2', 'b-c': 'x y' },
    secrets: { KEY: 'line 1\nline 2' },
  });
});

test.each(['novalue', '=x', 'a=1\na=2', '1a=2', 'a=', '{"a":1}', '{', '["a"]'])(
  'variables cannot be %j',
  (text) => {
    expect(() => readInputs(inputs, { INPUT_VARIABLES: text })).toThrow(/variables/);
  },
);

test('the secrets input has no default that would be masked', () => {
  expect(inputs.shape.secrets.safeParse(undefined)).toEqual({ success: true, data: undefined });
});

test('the secrets input is masked by the runner, and never quoted when it is malformed', () => {
  expect(secretInputs(inputs, { INPUT_SECRETS: 'KEY=v4lue' })).toEqual(['KEY=v4lue']);
  const read = () => readInputs(inputs, { INPUT_SECRETS: 'KEY=v4lue\nother l1ne' });
  expect(read).toThrow(/line 2/);
  expect(read).not.toThrow(/v4lue|l1ne/);
});

test.each([
  ['timeout', '90'],
  ['concurrency', '0'],
  ['concurrency', 'many'],
  ['proxy', 'socks5://127.0.0.1'],
])('%s cannot be %s', (name, value) => {
  expect(() => readInputs(inputs, { [`INPUT_${name.toUpperCase()}`]: value })).toThrow(name);
});

test('the suite, inputs and outputs can be written as JSON Schema', () => {
  const suite = z.toJSONSchema(suiteSchema, { io: 'input' }) as {
    required: string[];
    additionalProperties: boolean;
  };
  expect(suite).toMatchObject({ required: ['version'], additionalProperties: false });
  // A mistake in one branch of an alternative must not be told of all: text and list are told apart at once.
  expect(new Set(alternativesIn(suite))).toEqual(new Set(['string or array']));
  expect(z.toJSONSchema(inputs, { io: 'input' })).toMatchObject({
    properties: { concurrency: { default: '10' } },
  });
  expect(Object.keys(z.toJSONSchema(outputs).properties!)).toContain('p95-ms');
});

/** The types of the branches of every `anyOf` in a JSON Schema. */
function alternativesIn(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { anyOf } = schema as { anyOf?: { type?: string }[] };
  const own = Array.isArray(anyOf) ? [anyOf.map(({ type }) => type).join(' or ')] : [];
  return [...own, ...Object.values(schema).flatMap(alternativesIn)];
}
