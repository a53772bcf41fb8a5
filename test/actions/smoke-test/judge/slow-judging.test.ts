import { describe, expect, test } from '@jest/globals';
import { createEvaluators } from '../../../../actions/smoke-test/plan/evaluators.js';
import { loadMarkup } from '../../../../shared/probes/evaluators/markup.js';
import type { HttpObservation } from '../../../../shared/probes/http.js';
import { runOffline } from '../run-offline.js';
import { cpuMs } from '../../../support/cpu-time.js';

const slow = `${'a'.repeat(40)}!`;
const backtracks = '^(a+)+$';

/** What became of one step whose answer is judged, and how long the whole run took, in milliseconds. */
async function judged(body: string, step: object, headers: Record<string, string[]> = {}) {
  const suite = {
    version: 1,
    flows: [{ name: 'flow', steps: [{ name: 'step', http: { url: '/' }, ...step }] }],
  };
  const startedAt = cpuMs();
  const { report } = await runOffline(suite, () => ({ status: 200, headers, body }));
  return { failures: report!.failures, tookMs: cpuMs() - startedAt };
}

describe('an answer on which patterns backtrack without end', () => {
  test.each<[what: string, expectation: object, body: string, headers: Record<string, string[]>]>([
    [
      'elements',
      { css: [{ selector: 'p', matches: backtracks }] },
      `<p>${slow}</p>`.repeat(100),
      { 'content-type': ['text/html'] },
    ],
    [
      'nodes of XML',
      { xpath: [{ path: '//p', matches: backtracks }] },
      `<d>${`<p>${slow}</p>`.repeat(100)}</d>`,
      { 'content-type': ['text/xml'] },
    ],
    [
      'headers',
      { headers: { 'x-a': { matches: backtracks } } },
      '',
      { 'x-a': Array<string>(100).fill(slow) },
    ],
    [
      'cookies',
      { cookies: { a: { matches: backtracks } } },
      '',
      { 'set-cookie': Array<string>(100).fill(`a=${slow}`) },
    ],
  ])(
    'takes one limit for all %s, and is no pass, whichever way it is asked',
    async (_, written, body, headers) => {
      for (const expectations of [written, { not: written }]) {
        const { failures, tookMs } = await judged(body, { expect: expectations }, headers);
        expect(failures).toMatchObject([{ got: expect.stringContaining('it was stopped after 250 ms') }]);
        expect(tookMs).toBeLessThan(5_000);
      }
    },
  );

  test('takes one budget for all captures and expectations, and says of each why it is not decided', async () => {
    const json = Array.from({ length: 60 }, () => ({ path: '$', matches: backtracks }));
    const { failures, tookMs } = await judged(JSON.stringify(slow), {
      expect: { json },
      capture: { a: { regex: '^"(a+)+"$' }, b: { regex: '("(a+)+)$' } },
    });
    expect(tookMs).toBeLessThan(5_000);
    expect(failures).toHaveLength(60);
    expect(failures[0]!.got).toMatch(/stopped after 250 ms of processor time$/);
    expect(failures.at(-1)!.got).toMatch(/the 2000 ms that may be spent on one answer were used up$/);
    const stopped = failures.filter(({ got }) => got.endsWith('stopped after 250 ms of processor time'));
    expect(stopped.length).toBeLessThanOrEqual(6);
  });
});

test('a document is read once, however many captures and expectations look into it', async () => {
  const engine = await loadMarkup();
  let read = 0;
  const parse: typeof engine.parse = (...given) => (read++, engine.parse(...given));
  const { compiled } = createEvaluators({ markup: { ...engine, parse } }, new Map());
  const answer = { headers: {}, text: () => '<p>1</p>' } as HttpObservation;
  expect(compiled.markupOf(answer)).toBe(compiled.markupOf(answer));
  expect(read).toBe(1);
  expect(compiled.markupOf({ ...answer, text: () => 'no markup' })).toMatchObject({ ok: false });
});
