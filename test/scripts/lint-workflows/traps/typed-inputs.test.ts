import { describe, expect, it } from '@jest/globals';
import { caught } from '../caught.js';

const callee = `on:
  workflow_call:
    inputs:
      Fast: { type: boolean, default: false }
      count: { type: number, default: 1 }
      name: { type: string }
jobs: { c: { runs-on: x } }
`;
const calling = (given: string, on = 'push', more = '') => ({
  'callee.yml': callee,
  'cd.yml': `on: ${on}
jobs:
  a:
    uses: ./.github/workflows/callee.yml
    ${more}
    with:
      ${given}
`,
});
const literal = ['cd.yml:7 quoted-literal'];
const expression = ['cd.yml:7 untyped-expression'];

describe('a literal for a boolean or number input of a called workflow', () => {
  it.each([
    "fast: 'false'",
    'fast: "true"',
    "FAST: 'TRUE'",
    'fast: yes',
    'fast: off',
    'fast: 1',
    'fast: ""',
    'fast:',
    'fast: >-\n        false',
    "count: '3'",
    'count: many',
    'count: true',
  ])('is caught when it has another type: %s', (given) => {
    expect(caught(calling(given))).toEqual(literal);
  });

  it.each(['fast: false', 'Fast: true', 'count: 3', 'count: 0.5', "name: 'false'", 'name: false'])(
    'is left alone when its type is right or any does: %s',
    (given) => expect(caught(calling(given))).toEqual([]),
  );
});

describe('an expression for a boolean or number input of a called workflow', () => {
  it.each([
    'fast: ${{ needs.p.outputs.f }}',
    "fast: ${{ needs['p'].outputs['f'] }}",
    'fast: ${{ needs.p.outputs.f || false }}',
    "fast: ${{ github.ref == 'x' && 'true' || false }}",
    'fast: ${{ needs.p.result }}',
    'fast: ${{ vars.FAST }}',
    'fast: ${{ github.event.inputs.fast }}',
    "fast: ${{ 'false' }}",
    "fast: ${{ case(github.ref == 'x', true, 'no') }}",
    "fast: ${{ format('{0}', true) }}",
    'fast: x${{ true }}',
    'count: ${{ vars.COUNT }}',
  ])('is caught when it is or can be a text: %s', (given) => {
    expect(caught(calling(given))).toEqual(expression);
  });

  it.each([
    "fast: ${{ needs.p.outputs.f == 'true' }}",
    'fast: ${{ !needs.p.outputs.f }}',
    'fast: ${{ fromJSON(needs.p.outputs.f) }}',
    "fast: ${{ contains(github.ref, 'x') }}",
    'fast: ${{ github.event.pull_request.draft }}',
    "fast: ${{ github.ref == 'x' || false }}",
    "fast: ${{ case(github.ref == 'x', true, false) }}",
    'count: ${{ fromJSON(vars.COUNT) }}',
    'name: ${{ needs.p.outputs.f }}',
  ])('is left alone when it is none: %s', (given) => {
    expect(caught(calling(given))).toEqual([]);
  });

  const dispatch = (type: string) => `{ workflow_dispatch: { inputs: { f: { type: ${type} } } } }`;

  it('is caught when it is an input of another type', () => {
    expect(caught(calling('fast: ${{ inputs.f }}', dispatch('string')))).toEqual(expression);
    expect(caught(calling('fast: ${{ inputs.f }}', dispatch('choice')))).toEqual(expression);
    expect(caught(calling('fast: ${{ inputs.f }}', dispatch('boolean')))).toEqual([]);
  });

  it('is caught when another trigger leaves the input empty', () => {
    const on = `{ push: , workflow_dispatch: { inputs: { f: { type: boolean } } } }`;
    expect(caught(calling('fast: ${{ inputs.f }}', on))).toEqual(expression);
    expect(caught(calling('fast: ${{ inputs.f || false }}', on))).toEqual([]);
  });

  it('is caught when an axis of the matrix has texts', () => {
    const matrix = (values: string) => `strategy: { matrix: { f: [${values}] } }`;
    const given = 'fast: ${{ matrix.f }}';
    expect(caught(calling(given, 'push', matrix("true, 'false'")))).toEqual(expression);
    expect(caught(calling(given, 'push', matrix('true, false')))).toEqual([]);
  });
});
