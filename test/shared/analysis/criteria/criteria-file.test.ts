import { describe, expect, it } from '@jest/globals';
import { readPlan } from '../../../../shared/analysis/criteria/criteria-file.js';
import { ConfigurationError } from '../../../../shared/config/problem.js';

const file = `version: 1
environments:
  production:
    watch: 5m
    interval: 5s
    warm-up: 10s
    sources:
      app:
        type: prometheus-text
        path: /metrics
        requests: { metric: http_requests_total, match: { version: "{{ version }}" }, errors: { label: code, matches: "^5" } }
      home: { type: probe, path: /health, expect-status: 200 }
    criteria:
      - name: error-rate
        source: app
        fail-when: error-rate > 5 %
        for: 2m
        min-requests: 100
`;
const line = (text: string) => file.split('\n').findIndex((one) => one.includes(text)) + 1;

function problemsOf(text: string, environment = 'production') {
  try {
    readPlan(text, '.github/rollback.yml', environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('a criteria file', () => {
  it('gives a plan with every default filled in, and only the sources that are used', () => {
    const { plan, sources } = readPlan(file, '.github/rollback.yml', 'production');
    expect(plan).toEqual({
      watchMs: 300_000,
      intervalMs: 5_000,
      warmUpMs: 10_000,
      criteria: [
        {
          name: 'error-rate',
          source: 'app',
          failWhen: { metric: 'error-rate', operator: '>', value: 0.05 },
          forMs: 120_000,
          overMs: 120_000,
          confidence: 0.99,
          minRequests: 100,
          noData: 'inconclusive',
          maxFailures: 0,
          maxConsecutiveErrors: 4,
        },
      ],
    });
    expect(Object.keys(sources)).toEqual(['app']);
  });

  it.each([
    ['an unknown source', 'source: app', 'source: ap', line('source: app'), '"ap"'],
    ['a share without a unit', '> 5 %', '> 5', line('fail-when'), '"error-rate > 5"'],
    ['a bare number as duration', 'for: 2m', 'for: 120', line('for: 2m'), '120'],
    ['a watch shorter than warm-up and window', 'watch: 5m', 'watch: 2m', line('watch:'), '2m'],
    ['an interval under 100 ms', 'interval: 5s', 'interval: 50ms', line('interval:'), '50ms'],
    ['parts longer than the window', 'for: 2m', 'for: 2m\n        over: 3m', line('for: 2m') + 1, '3m'],
    ['a window shorter than the interval', 'for: 2m', 'for: 1s', line('for: 2m'), '1s'],
    ['no requests asked for', 'min-requests: 100', 'min-requests: 0', line('min-requests'), '0'],
    ['a placeholder that stands for nothing', '{{ version }}', '{{ verison }}', line('requests:'), 'verison'],
    ['a pattern that may not end', '"^5"', '"(5+)+$"', line('requests:'), '(5+)+$'],
    ['an address instead of a path', '/health', '//evil.example/health', line('home:'), '//evil.example'],
    ['another version of the format', 'version: 1', 'version: 2', 1, '2'],
  ])('with %s is refused with its line', (_, from, to, at, got) => {
    const problems = problemsOf(file.replace(from, to));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ file: '.github/rollback.yml', line: at });
    expect(problems[0]!.got).toContain(got);
  });

  it('with a misspelt key is refused with its line and the key that was meant', () => {
    expect(problemsOf(file.replace('fail-when:', 'fail-wen:'))[0]).toMatchObject({
      line: line('fail-when'),
      got: 'unknown key "fail-wen"',
      didYouMean: 'fail-when',
    });
  });

  it('without any condition in a criterion is refused: nothing could ever fail', () => {
    expect(problemsOf(file.replace('        fail-when: error-rate > 5 %\n', ''))[0]).toMatchObject({
      allowed: expect.stringContaining('fail-when, success-when or both'),
    });
  });

  it('with no criteria at all is refused', () => {
    const text = `${file.slice(0, file.indexOf('    criteria:'))}    criteria: []\n`;
    expect(problemsOf(text)).toHaveLength(1);
  });

  it('names the environments it knows when asked for another', () => {
    expect(problemsOf(file, 'prodution')[0]).toMatchObject({
      allowed: 'production',
      didYouMean: 'production',
      line: line('environments:'),
    });
  });
});

describe('links to what a release wrote', () => {
  const linked = (url: string) =>
    file.replace('    sources:', `    links: { logs: ${JSON.stringify(url)} }\n    sources:`);

  it.each([
    'https://logs.example/search?version={{ version }}&from={{ from-ms }}&to={{ to-iso }}',
    'https://logs.example/app/{{ service }}/{{ sha }}',
    'https://logs.example',
    'https://logs.example/?q=token&author=mona&sign={{ sha }}',
  ])('%s is taken as it stands', (url) => {
    expect(readPlan(linked(url), 'rollback.yml', 'production').plan.links).toEqual({ logs: url });
    expect(readPlan(linked(url), 'rollback.yml', 'production', 'watch').plan.criteria).toHaveLength(1);
  });

  it.each([
    ['http://logs.example/', 'an https address'],
    ['https://{{ service }}.example/', 'an https address'],
    ['https://logs.example{{ service }}/', 'an https address'],
    ['https://mona:secret@logs.example/', 'an https address'],
    ['javascript:alert(1)', 'an https address'],
    ['https://logs.example/a b', 'an https address'],
    ['https://logs.example/{{ tenant }}', '{{ … }} are among'],
    ['https://logs.example/s?v={{ version }}&api_key=abc', 'an address without a secret'],
    ['https://logs.example/#access_token=abc', 'an address without a secret'],
    ['https://logs.example/?X-Amz-Signature=abc', 'an address without a secret'],
  ])('%s is refused in its line', (url, allowed) => {
    expect(problemsOf(linked(url))).toMatchObject([
      {
        path: 'environments.production.links.logs',
        allowed: expect.stringContaining(allowed),
        line: line('warm-up') + 1,
      },
    ]);
  });

  it('are five at most', () => {
    const six = Array.from({ length: 6 }, (_, index) => `l${index}: 'https://logs.example'`).join(', ');
    expect(problemsOf(file.replace('    sources:', `    links: { ${six} }\n    sources:`))).toMatchObject([
      { allowed: 'at most 5 links' },
    ]);
  });
});

describe('a condition whose bound no release is to be judged by', () => {
  it.each([
    ['fail-when: error-rate < 100 %', 'takes a release back for failing less'],
    ['fail-when: error-rate <= 5 %', 'takes a release back for failing less'],
    ['success-when: error-rate > 5 %', 'is content with a release that fails more'],
  ])('%s is refused', (condition, why) => {
    const problems = problemsOf(file.replace('fail-when: error-rate > 5 %', condition));
    expect(problems.map(({ allowed }) => allowed)).toEqual([expect.stringContaining(why)]);
    expect(problems[0]!.line).toBe(line('fail-when'));
  });

  it.each(['latency > 0ms', 'latency >= 0s', 'latency < 0ms'])('%s is refused', (condition) => {
    const text = file
      .replace(
        /      app:[^]*?home:/,
        '      app: { type: json, url: "https://a.example", value: $.a, unit: seconds }\n      home:',
      )
      .replace('error-rate > 5 %', condition)
      .replace('        min-requests: 100\n', '');
    expect(problemsOf(text)).toEqual([
      expect.objectContaining({ path: expect.stringContaining('fail-when') }),
    ]);
  });
});
