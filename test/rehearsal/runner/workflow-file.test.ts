import { describe, expect, it } from '@jest/globals';
import { readWorkflow } from '../../../rehearsal/runner/read/workflow-file.js';
import type { StepsJob } from '../../../rehearsal/runner/read/workflow.js';
import { WorkflowError } from '../../../rehearsal/runner/read/workflow-reader.js';

const job = (text: string) => `on: push\njobs:\n  main:\n    runs-on: x\n${text}\n`;
const problems = (source: string): readonly string[] => {
  try {
    readWorkflow('w.yml', source);
  } catch (error) {
    if (error instanceof WorkflowError) return error.problems;
    throw error;
  }
  return [];
};

describe('a workflow file', () => {
  it('may use anchors, and scalars of any kind as text', () => {
    const { jobs } = readWorkflow(
      'w.yml',
      'on: [push]\nenv: &e { A: 1, B: true, C: null, D: 1.50 }\njobs: { main: { runs-on: x, env: *e, steps: [{ run: a }] } }',
    );
    expect(Object.values((jobs[0] as StepsJob).env).map(({ source }) => source)).toEqual([
      '1',
      'true',
      '',
      '1.5',
    ]);
  });

  it.each([
    ['strategy: { matrix: { a: [] } }', 5, "Matrix vector 'a' does not contain any values"],
    ['container: node', 5, 'containers are out of scope here'],
    ['services: { db: { volumes: [a] } }', 5, 'volumes, command and entrypoint are not served here'],
    ['colour: blue', 5, 'this runner does not know the key'],
    ['permissions: { content: read }', 5, 'there is no such permission; there are actions,'],
    ['permissions: { contents: admin }', 5, 'read, write or none'],
    ['needs: other', 5, "there is no job 'other'; there are main"],
    ['needs: main', 3, 'these wait for each other: main'],
    ['if: secrets.X', 5, 'here allowed: github, inputs, vars, needs'],
    ['env: { A: "${{ env.B }}" }', 5, 'here allowed: github, inputs, vars, needs, strategy, matrix, secrets'],
    ['environment: "${{ secrets.E }}"', 5, 'here allowed: github'],
  ])('with %s is refused with its line', (text, line, message) => {
    const found = problems(job(`    ${text}\n    steps: [{ run: a }]`));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^w\\.yml:${line}: `));
    expect(found[0]).toContain(message);
  });

  it.each([
    ['{ run: a, uses: b }', 'either `uses` or `run`'],
    ['{ name: a }', 'either `uses` or `run`'],
    ['{ run: a, with: { b: c } }', 'belongs to steps with `uses`'],
    ['{ uses: a/b@v1, shell: bash }', 'belongs to steps with `run`'],
    ['{ run: a, id: 1st }', "'1st' is not an id"],
    ['{ run: "${{ secret.A }}" }', 'secret'],
    ['{ run: a, if: "${{ secrets.A }}" }', 'here allowed'],
    ['{ run: a, timeout: 5 }', 'does not know the key'],
  ])('with the step %s is refused', (step, message) => {
    expect(problems(job(`    steps:\n      - ${step}`))).toEqual([expect.stringContaining(message)]);
  });

  it('names all its problems at once', () => {
    const found = problems(
      job('    steps: [{ run: a, id: x }, { run: b, id: X }, { run: "${{ nope }}" }]\n    needs: [gone]'),
    );
    expect(found).toHaveLength(3);
  });

  it('with broken YAML is refused with its line', () => {
    expect(problems('on: push\njobs: {\n')[0]).toMatch(/^w\.yml:\d+: /);
  });
});
