import { Buffer } from 'node:buffer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { TestRunner } from '../../../support/runner/port.js';
import { runOffline, type Answer } from '../run-offline.js';

describe('a secret', () => {
  const encodings: ((secret: string) => string)[] = [
    (secret) => secret,
    (secret) => encodeURIComponent(Buffer.from(secret).toString()),
    (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => JSON.stringify(secret),
    (secret) => JSON.stringify(JSON.stringify(secret)),
    (secret) => JSON.stringify(secret).replaceAll('/', '\\/'),
    (secret) =>
      JSON.stringify(secret).replace(
        /[^ -~]|[&<>]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      ),
    (secret) => Buffer.from(secret).toString('hex'),
    (secret) => encodeURIComponent(encodeURIComponent(Buffer.from(secret).toString())),
    (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
  ];

  test('given or captured, however it comes back, is in nothing that is written', async () => {
    const steps = (fails: boolean) => [
      {
        name: 'send',
        http: {
          method: 'POST',
          url: '/in/{{ secrets.KEY }}?q={{ secrets.KEY }}',
          query: { k: '{{ secrets.KEY }}' },
          headers: { 'x-key': 'Bearer {{ secrets.KEY }}' },
          json: { key: '{{ secrets.KEY }}' },
        },
        expect: { status: 200 },
        capture: { token: { json: '$.token', secret: true } },
      },
      {
        name: 'use',
        http: { url: '/use', query: { t: '{{ token }}' }, form: { t: '{{ token }}' }, method: 'POST' },
        expect: fails
          ? {
              body: { equals: '{{ token }}{{ secrets.KEY }}' },
              headers: { 'x-echo': { equals: '{{ token }}' } },
            }
          : { status: 200 },
      },
    ];
    const text = fc
      .string({ unit: 'grapheme', minLength: 8, maxLength: 30 })
      .filter((value) => value.trim().length >= 8 && !value.includes('\n') && !value.includes('\r'));
    await fc.assert(
      fc.asyncProperty(
        text,
        text,
        fc.nat(encodings.length - 1),
        fc.boolean(),
        async (key, token, index, fails) => {
          const encode = encodings[index]!;
          const { runner, report } = await runOffline(
            { version: 1, flows: [{ name: 'f', rows: { inline: [{ k: key }] }, steps: steps(fails) }] },
            ({ url }): Answer =>
              url.includes('/in/')
                ? { status: 200, headers: {}, body: JSON.stringify({ token }) }
                : {
                    status: fails ? 500 : 200,
                    headers: { 'x-echo': [encode(key)] },
                    body: `it was ${encode(key)} and ${encode(token)}`,
                  },
            { secrets: JSON.stringify({ KEY: key }), har: 'true' },
          );
          expect(report!.result).toBe(fails ? 'fail' : 'pass');
          const spellings = [key, token].flatMap((secret) => encodings.map((encode) => encode(secret)));
          const leaks = textsOf(runner).filter((written) => spellings.some((one) => written.includes(one)));
          expect(leaks).toEqual([]);
        },
      ),
      { numRuns: 80, seed: 24 },
    );
  });
});

/** Every text that was written anywhere; files of JSON also as the texts inside them. */
function textsOf(runner: TestRunner): string[] {
  const inside = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, child]) => [key, ...inside(child)])
        : [];
  const files = [...runner.files.values()];
  return [
    ...runner.printed,
    ...runner.debugged,
    ...runner.annotations.flatMap(({ message, title = '' }) => [message, title]),
    runner.failure ?? '',
    runner.summary,
    ...runner.outputs.values(),
    ...files,
    ...files.filter((file) => file.startsWith('{')).flatMap((file) => inside(JSON.parse(file))),
  ];
}
