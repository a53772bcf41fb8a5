import { expect, it } from '@jest/globals';
import { commentsOf } from '../../../scripts/lint-workflows/workflow/comments.js';

it('a comment of a workflow is told from a # in a text or a script, and has its line', () => {
  const source = `# first
on: push # second
name: 'a # b'
jobs:
  a:
    steps:
      - run: |
          # of the shell
          echo x
      - { name: a#b, run: "x\\
          y" } # third
      # last
`;
  expect(commentsOf(source)).toEqual([
    { line: 1, text: '# first' },
    { line: 2, text: '# second' },
    { line: 11, text: '# third' },
    { line: 12, text: '# last' },
  ]);
});
