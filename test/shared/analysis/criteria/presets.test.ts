import { describe, expect, it } from '@jest/globals';
import { readPlan } from '../../../../shared/analysis/criteria/criteria-file.js';
import { presetNames } from '../../../../shared/analysis/presets.js';

const sources: Record<string, string> = {
  counts: "{ type: prometheus, url: 'http://p', stack: { name: istio } }",
  latency:
    "{ type: prometheus, url: 'http://p', stack: { name: istio, latency: p95 }, baseline: { is: last-week } }",
  share: "{ type: prometheus, url: 'http://p', query: a, unit: share }",
  number: "{ type: prometheus, url: 'http://p', query: a }",
};
const plan = (criterion: string) =>
  readPlan(
    `version: 1
environments:
  production:
    watch: 30m
    sources:
${Object.entries(sources)
  .map(([name, text]) => `      ${name}: ${text}`)
  .join('\n')}
    criteria:
      - { ${criterion} }
`,
    '.github/rollback.yml',
    'production',
  ).plan.criteria[0]!;
const sourceOf = (name: string) =>
  name.startsWith('errors')
    ? 'counts'
    : name.startsWith('slower') || name.startsWith('latency')
      ? 'latency'
      : name.startsWith('pool')
        ? 'share'
        : 'number';

describe('presets', () => {
  it.each(presetNames)('%s is a whole criterion with a source alone', (name) => {
    expect(plan(`preset: ${name}, source: ${sourceOf(name)}`)).toMatchObject({ name });
  });

  it.each([
    ['errors-2m', { failWhen: { value: 0.05, operator: '>' }, forMs: 120_000, minRequests: 50 }],
    ['errors-any-route', { by: 'route', forMs: 300_000 }],
    ['slower-by-half', { failWhen: { value: 1.5, of: 'baseline' }, forMs: 300_000 }],
    ['slower-by-half-ranks', { judge: 'mann-whitney' }],
    ['tenant-isolation', { failWhen: { metric: 'violations', value: 0 }, forMs: 5_000 }],
    ['latency-1s', { failWhen: { value: 1_000 }, forMs: 300_000 }],
    ['pool-exhausted', { failWhen: { value: 0.9 }, forMs: 120_000 }],
    ['queue-backlog', { failWhen: { value: 1_000 }, forMs: 600_000 }],
  ])('%s says what the release rules of its users say', (name, rule) => {
    expect(plan(`preset: ${name}, source: ${sourceOf(name)}`)).toMatchObject(rule);
  });

  it('give way to what the file says itself', () => {
    expect(
      plan(
        "preset: errors-2m, name: checkout, source: counts, for: 3m, fail-when: 'error-rate > 1 %', min-requests: 200",
      ),
    ).toMatchObject({ name: 'checkout', forMs: 180_000, minRequests: 200, failWhen: { value: 0.01 } });
  });

  it.each([
    ['preset: errors-3m, source: counts', /preset[\s\S]*errors-2m/],
    ["source: counts, fail-when: 'error-rate > 5 %', min-requests: 1", /a name, or a preset/],
    ['preset: errors-2m, source: number', /its source counts no requests/],
    ['preset: slower-by-half, source: share', /needs unit/],
  ])('are refused where they do not fit: %s', (criterion, why) => {
    expect(() => plan(criterion)).toThrow(why);
  });
});
