import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { catchIn } from '../../../scripts/lint-workflows/traps/registry.js';
import { catchers } from '../../support/workflow-catchers.js';
import { corpusFiles } from '../../support/workflow-corpus.js';
import { treeOf } from './caught.js';

const files = corpusFiles();
const tree = treeOf(Object.fromEntries(files.map((file) => [file, readFileSync(file, 'utf8')])));
const found = catchIn(tree);

describe('the traps on the corpus of workflow faults', () => {
  it.each(files.map((file) => [basename(file, '.yml'), file]))(
    '%s: find theirs and nothing else',
    (name, file) => {
      const rules = found.filter((finding) => finding.file === file).map(({ rule }) => `trap/${rule}`);
      expect(rules).toEqual((catchers[name] ?? []).filter((catcher) => catcher.startsWith('trap/')));
    },
  );
});
