import { describe, expect, it } from '@jest/globals';
import { combinationsOf } from '../../../../rehearsal/runner/read/strategy/combinations.js';
import { legName, legsOf } from '../../../../rehearsal/runner/read/strategy/leg.js';

type Matrix = Parameters<typeof combinationsOf>[0];
const values = (matrix: Matrix) => combinationsOf(matrix).map(({ own, extra }) => ({ ...own, ...extra }));
const legs = (matrix: Matrix) =>
  legsOf(combinationsOf(matrix), { failFast: true, maxParallel: undefined }).map((leg) => ({
    id: leg.id,
    name: legName('test', leg),
  }));

// GitHub docs, "Running variations of jobs in a workflow", and MatrixBuilder.cs of actions/runner.
describe('the combinations of a matrix', () => {
  it('are the product of its vectors, the first one changing slowest', () => {
    expect(values({ version: [10, 12], os: ['ubuntu', 'windows'] })).toEqual([
      { version: 10, os: 'ubuntu' },
      { version: 10, os: 'windows' },
      { version: 12, os: 'ubuntu' },
      { version: 12, os: 'windows' },
    ]);
  });

  it('take includes as the example of the documentation says', () => {
    expect(
      values({
        fruit: ['apple', 'pear'],
        animal: ['cat', 'dog'],
        include: [
          { color: 'green' },
          { color: 'pink', animal: 'cat' },
          { fruit: 'apple', shape: 'circle' },
          { fruit: 'banana' },
          { fruit: 'banana', animal: 'cat' },
        ],
      }),
    ).toEqual([
      { fruit: 'apple', animal: 'cat', color: 'pink', shape: 'circle' },
      { fruit: 'apple', animal: 'dog', color: 'green', shape: 'circle' },
      { fruit: 'pear', animal: 'cat', color: 'pink' },
      { fruit: 'pear', animal: 'dog', color: 'green' },
      { fruit: 'banana' },
      { fruit: 'banana', animal: 'cat' },
    ]);
  });

  it('may come from includes alone', () => {
    expect(values({ include: [{ site: 'a', datacenter: 1 }, { site: 'b' }] })).toEqual([
      { site: 'a', datacenter: 1 },
      { site: 'b' },
    ]);
  });

  it('leave out what an exclude matches, in part too, before includes are looked at', () => {
    expect(
      values({
        os: ['mac', 'windows'],
        version: [12, 14],
        env: ['staging', 'production'],
        exclude: [
          { os: 'mac', version: 12, env: 'production' },
          { os: 'windows', version: 14 },
        ],
        include: [{ os: 'windows', version: 14, env: 'staging', extra: true }],
      }),
    ).toEqual([
      { os: 'mac', version: 12, env: 'staging' },
      { os: 'mac', version: 14, env: 'staging' },
      { os: 'mac', version: 14, env: 'production' },
      { os: 'windows', version: 12, env: 'staging' },
      { os: 'windows', version: 12, env: 'production' },
      { os: 'windows', version: 14, env: 'staging', extra: true },
    ]);
  });

  it('are compared as == of an expression does: without case, and numbers with texts', () => {
    expect(values({ v: [10, 12], OS: ['Linux'], exclude: [{ V: '10', os: 'LINUX' }] })).toEqual([
      { v: 12, OS: 'Linux' },
    ]);
  });

  it('are compared leaf by leaf where they are maps', () => {
    const node = [
      { version: 20, npm: 10 },
      { version: 22, npm: 11 },
    ];
    expect(values({ node, exclude: [{ node: { npm: 10 } }] })).toEqual([{ node: node[1] }]);
  });

  it.each<[Matrix, string]>([
    [{ a: [] }, "Matrix vector 'a' does not contain any values"],
    [{}, 'Matrix must define at least one vector'],
    [{ include: [] }, 'Matrix must define at least one vector'],
    [{ a: 'x' }, "Unexpected value 'x'"],
    ['', "Unexpected value ''"],
    [[1], 'A sequence was not expected'],
    [{ a: { b: 1 } }, 'A mapping was not expected'],
    [{ a: [1], exclude: [{ b: 1 }] }, "Matrix exclude key 'b' does not match any key within the matrix"],
    [{ a: [1], exclude: [{}] }, 'Matrix exclude filter must not be empty'],
    [{ a: [1], include: [{}] }, 'Matrix include mapping does not contain any values'],
    [
      { a: Array<number>(400).fill(1), b: Array<number>(400).fill(1) },
      'The vectors of the matrix make 160000 combinations before exclude',
    ],
  ])('refuse %j', (matrix, message) => {
    expect(() => combinationsOf(matrix)).toThrow(message);
  });
});

// JobNameBuilder.cs and IdBuilder.cs of actions/runner.
describe('the jobs of a matrix', () => {
  it('are named by the values of its vectors, not by what includes add to them', () => {
    expect(
      legs({
        node: [20],
        os: ['ubuntu-24.04'],
        include: [
          { node: 20, tag: 'lts' },
          { node: 9, tag: 'x' },
        ],
      }),
    ).toEqual([
      { id: '_20_ubuntu-24_04', name: 'test (20, ubuntu-24.04)' },
      { id: '_9_x', name: 'test (9, x)' },
    ]);
  });

  it('are named by the leaves of maps and lists, and by nothing where values are empty', () => {
    expect(legs({ a: [{ b: 1, c: [true, ''] }, ''] })).toEqual([
      { id: '_1_true', name: 'test (1, true)' },
      { id: 'job', name: 'test' },
    ]);
  });

  it('have ids of their own where names are the same', () => {
    expect(legs({ a: ['x y', 'x_y', 'x.y'] }).map(({ id }) => id)).toEqual(['x_y', 'x_y_2', 'x_y_3']);
  });

  it('have names of at most 100 letters', () => {
    const [leg] = legs({ a: ['x'.repeat(200)] });
    expect(leg?.name).toHaveLength(100);
    expect(leg?.name).toMatch(/^test \(x+\.\.\.$/);
  });
});
