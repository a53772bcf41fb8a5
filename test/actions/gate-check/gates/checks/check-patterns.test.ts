import { describe, expect, it } from '@jest/globals';
import { matchesName } from '../../../../../actions/gate-check/gates/checks/check-run.js';
import { checksSeen, job, judge, run } from '../../facts.js';

const ask = (name: string, jobs: Parameters<typeof job>[0][], status = 'completed') =>
  judge(
    `checks: { required: [{ name: '${name}', workflow: .github/workflows/ci.yml, events: [push] }] }`,
    checksSeen({ runs: [run({ status, jobs: jobs.map((fields, id) => job({ id, ...fields })) })] }),
  ).gates[0]!;

describe('a required check named by a pattern', () => {
  const matrix = [{ name: 'test (20)' }, { name: 'test (22)' }, { name: 'lint', conclusion: 'failure' }];

  it('passes when every job that it means passed', () => {
    expect(ask('test (*)', matrix).result).toBe('pass');
  });

  it.each([
    ['failed', { name: 'test (24)', conclusion: 'failure' }, 'test (24)'],
    ['was skipped', { name: 'test (24)', conclusion: 'skipped' }, 'test (24)'],
  ])('fails when one of them %s, and names it', (_, one, named) => {
    expect(ask('test (*)', [...matrix, one])).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining(named),
    });
  });

  it('fails when it means none, and says which there are', () => {
    expect(ask('tset (*)', matrix)).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('"test (20)"'),
    });
  });

  it('holds while the run may still create one', () => {
    expect(ask('test (*)', matrix.slice(0, 2), 'in_progress').result).toBe('hold');
  });

  it('takes the newest attempt of each job', () => {
    const again = [
      { name: 'test (20)' },
      { name: 'test (22)', conclusion: 'failure' },
      { name: 'test (22)', attempt: 2 },
    ];
    expect(ask('test (*)', again).result).toBe('pass');
    expect(ask('test (*)', [...again, { name: 'test (20)', attempt: 2, conclusion: 'failure' }]).result).toBe(
      'fail',
    );
  });

  it('is a pattern also where a job has it for a name, so that such a job hides no other', () => {
    expect(ask('a*', [{ name: 'a*' }, { name: 'ab', conclusion: 'failure' }]).result).toBe('fail');
    expect(ask('a*', [{ name: 'a*' }, { name: 'ab' }]).result).toBe('pass');
  });

  describe('Re-run the one of two jobs of a name that passed', () => {
    const twins = [{}, { conclusion: 'failure' }];

    it('does not make the other one pass', () => {
      const gate = ask('test', [...twins, { attempt: 2 }]);
      expect(gate.result).toBe('fail');
      expect(gate.reason).toContain('2 jobs have this name');
      expect(ask('t*', [...twins, { attempt: 2 }]).result).toBe('fail');
    });

    it.each([
      ['both were run again', [...twins, { attempt: 2 }, { attempt: 2 }]],
      ['both had passed', [{}, {}, { attempt: 2 }]],
    ])('passes where %s', (_, jobs) => expect(ask('test', jobs).result).toBe('pass'));
  });
});

it.each([
  ['test (*)', 'test (20)', true],
  ['test (*)', 'test ()', true],
  ['*', '', true],
  ['a*a', 'a', false],
  ['a*b*c', 'axxbyyc', true],
  ['a*b*c', 'acb', false],
  ['caller / *', 'caller / a / b', true],
  ['test', 'test (20)', false],
  ['**', 'x', true],
])('%s means %s: %s', (pattern, name, means) => {
  expect(matchesName(pattern, name)).toBe(means);
});
