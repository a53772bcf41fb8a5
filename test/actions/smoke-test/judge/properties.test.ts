import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { runOffline, type Answer } from '../run-offline.js';

test('random suites are judged as they are written: what fails is never green, what holds never red', async () => {
  const value = fc.constantFrom('a', 'b', 'ab', 'c');
  const one = fc.oneof(
    fc
      .constantFrom(200, 404)
      .map((status) => ({ write: { status }, holds: (came: Answer) => came.status === status })),
    value.map((text) => ({
      write: { headers: { 'x-app': { equals: text } } },
      holds: (came: Answer) => came.headers['x-app']?.length === 1 && came.headers['x-app'][0] === text,
    })),
    value.map((text) => ({
      write: { headers: { 'x-app': { 'not-contains': text } } },
      holds: (came: Answer) =>
        came.headers['x-app'] !== undefined &&
        came.headers['x-app'].every((header) => !header.includes(text)),
    })),
    fc.tuple(fc.constantFrom('equals', 'contains', 'not-contains', 'matches'), value).map(([key, text]) => ({
      write: { not: { headers: { 'x-app': { [key]: text } } } },
      holds: ({ headers: { 'x-app': values = [] } }: Answer) =>
        key === 'equals'
          ? values.length === 1 && values[0] !== text
          : values.length > 0 && values.every((header) => header.includes(text) === (key === 'not-contains')),
    })),
    fc.tuple(fc.constantFrom('contains', 'matches'), value, fc.boolean()).map(([key, text, any]) => ({
      write: { headers: { 'x-app': { [key]: text, ...(any ? { 'any-value': true } : {}) } } },
      holds: ({ headers: { 'x-app': values = [] } }: Answer) =>
        values.length > 0 && values[any ? 'some' : 'every']((header) => header.includes(text)),
    })),
    value.map((text) => ({
      write: { body: { contains: text } },
      holds: (came: Answer) => came.body.includes(text),
    })),
    value.map((text) => ({
      write: { json: [{ path: '$.v', equals: text }] },
      holds: (came: Answer) => valueOf(came.body) === text,
    })),
    value.map((text) => ({
      write: { not: { body: { contains: text } } },
      holds: (came: Answer) => !came.body.includes(text),
    })),
  );
  const valueOf = (body: string): unknown => {
    try {
      return (JSON.parse(body) as { v?: unknown }).v;
    } catch {
      return undefined;
    }
  };
  const came: fc.Arbitrary<Answer> = fc.record({
    status: fc.constantFrom(200, 404),
    headers: fc.oneof(
      fc.constant({}),
      fc.array(value, { minLength: 1, maxLength: 2 }).map((values) => ({ 'x-app': values })),
    ) as fc.Arbitrary<Record<string, string[]>>,
    body: fc.oneof(
      value,
      value.map((v) => JSON.stringify({ v })),
      fc.constant(''),
    ),
  });
  const flow = fc.array(fc.record({ one, came }), { minLength: 1, maxLength: 2 });
  let [passed, failed] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(flow, { minLength: 1, maxLength: 2 }), async (flows) => {
      const suite = {
        version: 1,
        flows: flows.map((steps, f) => ({
          name: `f${f}`,
          steps: steps.map(({ one: { write } }, s) => ({
            name: `s${s}`,
            http: { url: `/${f}/${s}` },
            expect: 'status' in write ? write : { ...write, 'status-in': [200, 404] },
          })),
        })),
      };
      const { report, runner } = await runOffline(suite, ({ url }) => {
        const [, f, s] = new URL(url).pathname.split('/').map(Number);
        return flows[f!]![s!]!.came;
      });
      const held = flows.map((steps) => steps.map(({ one: { holds }, came: got }) => holds(got)));
      const all = held.flat().every(Boolean);
      if (all) passed++;
      else failed++;
      expect(runner.outputs.get('result')).toBe(all ? 'pass' : 'fail');
      expect(report!.flows.map(({ steps }) => steps.map(({ result }) => result))).toEqual(
        held.map((steps) => {
          const first = steps.indexOf(false);
          return steps.map((_, s) =>
            first < 0 || s < first ? 'passed' : s === first ? 'failed' : 'not-run',
          );
        }),
      );
    }),
    { numRuns: 300, seed: 23 },
  );
  expect(Math.min(passed, failed)).toBeGreaterThan(20);
});
