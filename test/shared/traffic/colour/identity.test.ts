import { expect, it } from '@jest/globals';
import { cpuMs } from '../../../support/cpu-time.js';
import type { TrafficConfig } from '../../../../shared/traffic/config/schema.js';
import { mismatch, readIdentity } from '../../../../shared/traffic/colour/identity.js';

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
    ok: true,
    identity: { version: '2.0.0', digest: 'sha256:1' },
  });
});

const noHeader = 'the answer (200) has no header X-App-Version';
const nothing = (body: string) =>
  `the answer is 200 ${body}, and $.digest finds not one text or number in it`;

it.each<[string, Record<string, string[]>, string, string, string]>([
  ['without the header, or JSON', {}, 'ok', noHeader, nothing('ok')],
  ['without the field', {}, '{"status":\n"ok"}', noHeader, nothing('{"status": "ok"}')],
  ['without a body', {}, '', noHeader, nothing('without a body')],
  [
    'with two headers that differ',
    { 'x-app-version': ['2.0.0', '1.0.0'] },
    '[]',
    'the answer (200) has header X-App-Version with several values (2.0.0, 1.0.0)',
    nothing('[]'),
  ],
  [
    'with a value that is a list',
    {},
    '{"digest":["sha256:1"]}',
    noHeader,
    nothing('{"digest":["sha256:1"]}'),
  ],
])('an answer %s says nothing, and what came and where it was looked for is told', async (...row) => {
  const [, headers, body, version, digest] = row;
  const why = (name: string, came: string) =>
    `it does not say its ${name}: ${came}. Fix: identity.${name} in the traffic file: name the field that holds it, or add it to the answer`;
  const reading = await read(headers, body);
  expect(reading).toEqual({
    ok: true,
    identity: { version: undefined, digest: undefined },
    missing: { version: why('version', version), digest: why('digest', digest) },
  });
  expect(
    mismatch(
      { version: undefined, digest: undefined },
      { version: '2.0.0' },
      reading.ok ? reading.missing : {},
    ),
  ).toBe(`${why('version', version)} (expected 2.0.0)`);
});

it('a header that a proxy repeats says what it says once', async () => {
  expect(await read({ 'x-app-version': ['2.0.0', '2.0.0'] }, '')).toMatchObject({
    identity: { version: '2.0.0' },
  });
});

const readJson = (digest: string, body: unknown) =>
  readIdentity(
    { ...facts, digest: { json: digest } },
    {
      ...{ url: 'http://shop.example.com/', status: 200, headers: {}, durationMs: 1 },
      body: new TextEncoder().encode(JSON.stringify(body)),
    },
  );

it('an answer made to block the search for its digest is an error, not a wait and no digest', async () => {
  const before = cpuMs();
  expect(
    await readJson("$.builds[?search(@.name, '^(a+)+$')].digest", {
      builds: [{ name: `${'a'.repeat(40)}!` }],
    }),
  ).toEqual({
    ok: false,
    why: expect.stringMatching(/^identity\.digest: \$\.builds.* stopped after 250 ms of processor time$/),
  });
  expect(cpuMs() - before).toBeLessThan(3_000);
});

it('an answer too large to be searched whole is an error, though what was found first would fit', async () => {
  expect(await readJson('$[*].digest', Array(10_001).fill({ digest: 'sha256:1' }))).toMatchObject({
    ok: false,
    why: expect.stringContaining('more than 10000 nodes'),
  });
});

it.each([
  ["$.builds[?match(@.name, '(')].digest", 'not a valid I-Regexp'],
  ['$.', 'no JSONPath'],
])('the query %s, which is none, is an error whatever comes', async (query, why) => {
  expect(await readJson(query, { builds: [{ name: 'x', digest: 'd' }] })).toMatchObject({
    ok: false,
    why: expect.stringContaining(why),
  });
});
