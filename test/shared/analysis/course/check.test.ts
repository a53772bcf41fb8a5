import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { check, type Checked } from '../../../../shared/analysis/course/check.js';
import { readPlan } from '../../../../shared/analysis/criteria/criteria-file.js';
import type { MetricSource } from '../../../../shared/analysis/source.js';
import type { SoFar } from '../../../../shared/contracts/check-state.js';
import { soFarSchema } from '../../../../shared/contracts/check-state.js';

const minute = 60_000;
const { plan } = readPlan(
  `version: 1
environments:
  production:
    watch: 15m
    check: { for: 3h }
    warm-up: 2m
    sources: { app: { type: prometheus, url: 'http://p', stack: { name: istio } } }
    criteria:
      - { preset: errors-5m, source: app }
      - { preset: errors-any-route, source: app, max-failures: 3 }
`,
  'f',
  'production',
  'check',
);

/** A server that knows how many requests each minute had, and how many of them failed. */
const serverOf = (
  failing: readonly number[],
): { open: () => Record<string, MetricSource>; asked: number[] } => {
  const asked: number[] = [];
  const open = () => ({
    app: {
      query: ({ from, to }: { from: number; to: number }) => {
        asked.push(to);
        const errors = failing[Math.floor(from / minute) % failing.length]!;
        const group = { label: 'route', value: `/${Math.floor(from / minute) % 3}`, requests: 60, errors };
        return Promise.resolve({
          is: 'data' as const,
          samples: [{ from, to, requests: 60, errors, groups: [group] }],
        });
      },
    },
  });
  return { open, asked };
};
const clock = { now: () => 0, sleep: async () => undefined };
const signal = new AbortController().signal;
const start: SoFar = { since: 0, checkedTo: 0, criteria: {} };
/** One check after the other, each as late as the list says, with what the ref keeps between them. */
async function inTurn(failing: readonly number[], untils: readonly number[]): Promise<Checked[]> {
  const { open } = serverOf(failing);
  const checks: Checked[] = [];
  let soFar = start;
  for (const until of untils) {
    const checked = await check(plan, soFar, until, { open, clock, signal });
    checks.push(checked);
    if (checked.verdict.is === 'failed') break;
    soFar = soFarSchema.parse(JSON.parse(JSON.stringify(checked.soFar)));
  }
  return checks;
}

const failing = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 40 });
const lateness = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });

describe('checks of a release, one after the other', () => {
  it('come to the same as one check of the whole time, wherever they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(failing, lateness, async (errors, late) => {
        const untils: number[] = [];
        for (const minutes of [...late, 60]) untils.push((untils.at(-1) ?? 0) + minutes * minute + 7_000);
        const cut = await inTurn(errors, untils);
        const [whole] = await inTurn(errors, [untils.at(-1)!]);
        const last = cut.at(-1)!;
        expect(last.verdict.is).toBe(whole!.verdict.is);
        expect(last.soFar).toEqual(whole!.soFar);
      }),
      { numRuns: 60 },
    );
  });

  it('judge every minute once: the looks follow one another without a gap', async () => {
    await fc.assert(
      fc.asyncProperty(lateness, async (late) => {
        const untils: number[] = [];
        for (const minutes of late) untils.push((untils.at(-1) ?? 0) + minutes * minute);
        const checks = await inTurn([0], untils);
        const judged = checks.flatMap(({ ticks }, index) => {
          const from = index === 0 ? 0 : checks[index - 1]!.soFar.checkedTo;
          return ticks.map(({ at }) => at).filter((at) => at > from);
        });
        expect(judged).toEqual(judged.map((_, index) => (index + 1) * minute));
      }),
      { numRuns: 60 },
    );
  });

  it('begin a criterion anew that was changed meanwhile, and only that', async () => {
    const [first] = await inTurn([0], [30 * minute]);
    const changed = {
      ...plan,
      criteria: plan.criteria.map((one) => (one.name === 'errors-5m' ? { ...one, minRequests: 51 } : one)),
    };
    const { open } = serverOf([0]);
    const { soFar } = await check(changed, first!.soFar, 40 * minute, { open, clock, signal });
    expect(soFar.criteria['errors-5m']!.looks.all).toBe(10);
    expect(soFar.criteria['errors-any-route']!.looks.all).toBe(
      first!.soFar.criteria['errors-any-route']!.looks.all + 10,
    );
  });
});
