import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { catchIn } from '../../scripts/lint-workflows/traps/registry.js';
import { commentsOf } from '../../scripts/lint-workflows/workflow/comments.js';
import type { Tree } from '../../scripts/lint-workflows/workflow/tree.js';
import { readWorkflow } from '../../scripts/lint-workflows/workflow/workflow.js';

const own = join('.github', 'workflows');
const templates = 'workflows-templates';
const inline = join(templates, 'inline');

const filesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => join(folder, name));

const read = (file: string) => readFileSync(file, 'utf8');
const treeOf = (folder: string): Tree => ({
  workflows: filesIn(folder).map((file) => readWorkflow(file, read(file))),
});

describe("this repository's workflows and templates", () => {
  it.each([own, templates, inline])('fall into no trap: %s', (folder) => {
    expect(catchIn({ ...treeOf(folder), suite: treeOf(own) })).toEqual([]);
  });

  it('suppress at most three kinds of findings, each with its reason', () => {
    const comments = [own, templates, inline].flatMap(filesIn).flatMap((file) => commentsOf(read(file)));
    const ignores = comments.map(({ text }) => text).filter((text) => text.includes(': ignore['));
    const linted = parse(read(join('.github', 'actionlint.yaml'))) as {
      paths: Record<string, { ignore: string[] }>;
    };
    const rules = ignores.map((text) => text.slice(0, text.indexOf(']') + 1));
    const kinds = [...new Set(rules), ...Object.values(linted.paths).flatMap(({ ignore }) => ignore)];
    expect(kinds.length).toBeLessThanOrEqual(3);
    for (const ignore of ignores) expect(ignore.slice(ignore.indexOf(']') + 1).trim()).not.toBe('');
  });
});
