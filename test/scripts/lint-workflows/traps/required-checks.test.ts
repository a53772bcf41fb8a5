import { describe, expect, it } from '@jest/globals';
import { caught, job, onPullRequest } from '../caught.js';

const required = (condition: string, { needs = '[a, b]', name = 'Required', looks = true, id = 'r' } = {}) =>
  `  ${id}:
    name: ${name}
    needs: ${needs}
    ${condition === '' ? '' : `if: ${condition}`}
    runs-on: x
    steps: [{ run: check, env: { R: "${looks ? '${{ toJSON(needs) }}' : ''}" } }]
`;
const ci = (last: string) => ({ 'ci.yml': onPullRequest(job('a') + job('b', '    needs: a\n') + last) });
const skipped = (line: number) => [`ci.yml:${line} aggregator`];

describe('a job that stands for others in the branch rules', () => {
  it.each([
    '',
    'success()',
    "github.event_name == 'pull_request'",
    '${{ needs.a.outputs.x }}',
    'failure() && false',
  ])('is caught when a failure skips it: if: %s', (condition) =>
    expect(caught(ci(required(condition)))).toEqual(skipped(condition === '' ? 13 : 16)),
  );

  it.each(['success() || failure()', '"!success()  && failure()"'])(
    'is caught when a skipped job skips it: if: %s',
    (condition) => expect(caught(ci(required(condition)))).toEqual(skipped(16)),
  );

  it.each([
    'always()',
    '${{ always() }}',
    '"!cancelled()"',
    "always() && github.event_name == 'pull_request'",
  ])('is left alone when it runs whatever happened: if: %s', (condition) =>
    expect(caught(ci(required(condition)))).toEqual([]),
  );

  it.each(['required', 'CI passed', 'all-green', 'Hotfix required', 'tests ok'])(
    'is known by its name: %s',
    (name) => {
      expect(caught(ci(required('', { name, looks: false })))).toEqual(skipped(13));
    },
  );

  it('is known by looking at results, whatever its name', () => {
    const options = { name: 'Gate', id: 'gate' };
    expect(caught(ci(required('', options)))).toEqual(skipped(13));
    expect(caught(ci(required('', { ...options, looks: false })))).toEqual([]);
    expect(caught(ci(required('failure()', options)))).toEqual([]);
  });

  it('is known by a ruleset that names it', () => {
    const files = ci(required('', { name: 'Deploy', id: 'd', looks: false }));
    expect(caught(files, { requiredChecks: ['Deploy'] })).toEqual(skipped(13));
  });

  it('is caught when it looks at no result', () => {
    expect(caught(ci(required('always()', { looks: false })))).toEqual(skipped(13));
  });

  it('is caught when it does not need a job', () => {
    expect(caught(ci(required('always()', { needs: 'a' })))).toEqual(skipped(13));
    expect(caught(ci(required('always()', { needs: 'b' })))).toEqual([]);
  });
});

const workflow = (on: string) => ({
  'ci.yml': `on:\n  ${on}\njobs:\n${job('a')}${required('always()', { needs: 'a' })}`,
});

describe('a workflow whose job is required', () => {
  it.each(['paths: [src/**]', "paths-ignore: ['docs/**']"])(
    'is caught when it filters pull requests: %s',
    (filter) => {
      const on = `pull_request: { branches: [main], ${filter} }\n  merge_group:`;
      expect(caught(workflow(on))).toEqual(['ci.yml:2 required-paths']);
    },
  );

  it('is left alone when it filters branches, or pushes', () => {
    const on = 'pull_request: { branches: [main] }\n  merge_group:\n  push: { paths: [src/**] }';
    expect(caught(workflow(on))).toEqual([]);
  });

  it('is caught when a merge queue does not start it', () => {
    expect(caught(workflow('pull_request:'))).toEqual(['ci.yml:2 merge-group']);
    expect(caught(workflow('push:'))).toEqual([]);
  });

  it('may be one of a single job that a ruleset names', () => {
    const files = { 'ci.yml': `on: [push, pull_request]\njobs:\n${job('test')}` };
    expect(caught(files)).toEqual([]);
    expect(caught(files, { requiredChecks: ['test'] })).toEqual(['ci.yml:1 merge-group']);
  });
});

describe('a suppression', () => {
  const suppressed = (comment: string) => ({
    'ci.yml': `on:\n  pull_request: ${comment}\njobs:\n${job('a')}${required('always()', { needs: 'a' })}`,
  });

  it('keeps a finding away when it gives a reason', () => {
    expect(caught(suppressed('# trap: ignore[merge-group] this repository has no queue'))).toEqual([]);
  });

  it('is a finding of its own without a reason, or when there is nothing to suppress', () => {
    expect(caught(suppressed('# trap: ignore[merge-group]'))).toEqual([
      'ci.yml:2 merge-group',
      'ci.yml:2 suppression',
    ]);
    expect(caught(suppressed('# trap: ignore[merge-group, aggregator] no queue'))).toEqual([
      'ci.yml:2 suppression',
    ]);
  });
});
