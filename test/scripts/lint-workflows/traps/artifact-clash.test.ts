import { describe, expect, it } from '@jest/globals';
import { caught } from '../caught.js';

const upload = (given: string, more = '') =>
  `{ ${more} uses: actions/upload-artifact@v7${given === '' ? '' : `, with: { ${given}, path: p }`} }`;
const matrixJob = (matrix: string, step: string, more = '') => ({
  'ci.yml': `on: push\njobs:\n  a:\n    runs-on: x\n    strategy: { matrix: ${matrix} }\n    ${more}\n    steps:\n      - ${step}\n`,
});
const clash = ['ci.yml:8 artifact-clash'];
const os = '{ os: [x, y] }';

describe('an artifact that several jobs of a matrix upload', () => {
  it.each([
    ['a literal name', os, 'name: report'],
    ['no name, which means "artifact"', os, ''],
    ['a name that is the same in each job', os, 'name: "report-${{ github.sha }}"'],
    ['one axis of two in the name', '{ os: [x, y], node: [20, 24] }', 'name: "r-${{ matrix.os }}"'],
    [
      'an axis whose values repeat in the name',
      '{ include: [{ os: x }, { os: x }] }',
      'name: "r-${{ matrix.os }}"',
    ],
    [
      'an included job of an equal axis',
      '{ os: [x], include: [{ os: x, f: 1 }, { os: y }, { os: y }] }',
      'name: "r-${{ matrix.os }}"',
    ],
    ['a matrix that only the run knows', '"${{ fromJSON(needs.p.outputs.m) }}"', 'name: report'],
    ['overwriting, which keeps one of all', os, 'name: report, overwrite: true'],
  ])('is caught: %s', (_, matrix, given) => {
    expect(caught(matrixJob(matrix, upload(given)))).toEqual(clash);
  });

  it.each([
    ['the axis in the name', os, 'name: "r-${{ matrix.os }}"'],
    ['both axes in the name', '{ os: [x, y], n: [1, 2] }', 'name: "${{ matrix.os }}-${{ matrix.n }}"'],
    ['a key of an object in the name', '{ t: [{ n: a }, { n: b }] }', 'name: "${{ matrix.t.n }}"'],
    ['the number of the job in the name', os, 'name: "r-${{ strategy.job-index }}"'],
    ['what a step says in the name', os, 'name: "r-${{ steps.n.outputs.name }}"'],
    ['one job left', '{ os: [x, y], exclude: [{ os: y }] }', 'name: report'],
    ['a matrix that only the run knows', '{ os: "${{ fromJSON(vars.OS) }}" }', 'name: "r-${{ matrix.os }}"'],
  ])('is left alone: %s', (_, matrix, given) => {
    expect(caught(matrixJob(matrix, upload(given)))).toEqual([]);
  });

  it('is left alone when one job of the matrix uploads it', () => {
    const step = upload('name: report', `if: "matrix.os == 'x'",`);
    expect(caught(matrixJob(os, step))).toEqual([]);
    expect(caught(matrixJob(os, upload('name: report', 'if: always(),')))).toEqual(clash);
  });

  it('is left alone when the environment of the job carries the axis', () => {
    const env = 'env: { OS: "${{ matrix.os }}" }';
    expect(caught(matrixJob(os, upload('name: "r-${{ env.OS }}"'), env))).toEqual([]);
    expect(caught(matrixJob(os, upload('name: "r-${{ env.OS }}"'), 'env: { OS: any }'))).toEqual(clash);
  });
});

const called = (name: string) =>
  `on: { workflow_call: { inputs: { e: { type: string } } } }\njobs: { u: { runs-on: x, steps: [${upload(`name: "${name}"`)}] } }\n`;
const call = (id: string, e: string, more = '') =>
  `  ${id}:\n    uses: ./.github/workflows/up.yml\n    with: { e: ${e} }\n${more}`;

describe('an artifact that two jobs of a run upload', () => {
  it('is caught in the second job', () => {
    const jobOf = (id: string) => `  ${id}:\n    runs-on: x\n    steps: [${upload('name: r')}]\n`;
    expect(caught({ 'ci.yml': `on: push\njobs:\n${jobOf('a')}${jobOf('b')}` })).toEqual([
      'ci.yml:8 artifact-clash',
    ]);
  });

  it('is caught when one workflow is called twice', () => {
    const jobs = call('a', 'staging') + call('b', 'production');
    expect(caught({ 'ci.yml': `on: push\njobs:\n${jobs}`, 'up.yml': called('report') })).toEqual([
      'ci.yml:6 artifact-clash',
    ]);
    expect(caught({ 'ci.yml': `on: push\njobs:\n${jobs}`, 'up.yml': called('r-${{ inputs.e }}') })).toEqual(
      [],
    );
  });

  it('is caught when both calls have conditions and the second waits for the first', () => {
    const first = call('a', 's', '    if: inputs.a\n');
    const second = (needs: string) => call('b', 'p', `    if: "!cancelled()"\n${needs}`);
    const files = (needs: string) => ({
      'ci.yml': `on: push\njobs:\n${first}${second(needs)}`,
      'up.yml': called('r'),
    });
    expect(caught(files('    needs: a\n'))).toEqual(['ci.yml:7 artifact-clash']);
    expect(caught(files(''))).toEqual([]);
  });

  it('is caught when a matrix calls the workflow', () => {
    const matrix = '    strategy: { matrix: { e: [s, p] } }\n';
    const files = (name: string) => ({
      'ci.yml': `on: push\njobs:\n${call('a', '"${{ matrix.e }}"', matrix)}`,
      'up.yml': called(name),
    });
    expect(caught(files('r'))).toEqual(['ci.yml:3 artifact-clash']);
    expect(caught(files('r-${{ inputs.e }}'))).toEqual([]);
  });
});
