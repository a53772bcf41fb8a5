import { expect, it } from '@jest/globals';
import type { TrafficConfig } from '../../../../shared/traffic/config/schema.js';
import { readIdentity } from '../../../../shared/traffic/colour/identity.js';

const facts = {
  path: '/',
  version: { header: 'X-App-Version' },
  digest: { json: '$.digest' },
} as TrafficConfig['identity'];

const read = (headers: Record<string, string[]>, body: string) =>
  readIdentity(facts, {
    ...{ url: 'http://shop.example.com/', status: 200, headers, durationMs: 1 },
    body: new TextEncoder().encode(body),
  });

it('an answer says what it runs by a header or by one value of its JSON', async () => {
  expect(await read({ 'x-app-version': ['2.0.0'] }, '{"digest":"sha256:1"}')).toEqual({
    version: '2.0.0',
    digest: 'sha256:1',
  });
});

it.each<[string, Record<string, string[]>, string]>([
  ['without the header, or JSON', {}, 'ok'],
  ['with two headers that differ', { 'x-app-version': ['2.0.0', '1.0.0'] }, '[]'],
  ['with a value that is a list', {}, '{"digest":["sha256:1"]}'],
])('an answer %s says nothing', async (_, headers, body) => {
  expect(await read(headers, body)).toEqual({ version: undefined, digest: undefined });
});

it('a header that a proxy repeats says what it says once', async () => {
  expect((await read({ 'x-app-version': ['2.0.0', '2.0.0'] }, '')).version).toBe('2.0.0');
});
