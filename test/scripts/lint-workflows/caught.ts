import { catchIn } from '../../../scripts/lint-workflows/traps/registry.js';
import { readWorkflow } from '../../../scripts/lint-workflows/workflow/workflow.js';
import type { Tree } from '../../../scripts/lint-workflows/workflow/tree.js';

type Files = Readonly<Record<string, string>>;

export const treeOf = (files: Files): Tree => ({
  workflows: Object.entries(files).map(([path, source]) => readWorkflow(path, source)),
});

/** What the traps say of a repository with these workflow files: `file:line rule`. */
export const caught = (files: Files, more: Partial<Tree> = {}): string[] =>
  catchIn({ ...treeOf(files), ...more }).map(({ file, line, rule }) => `${file}:${line} ${rule}`);

/** A workflow on pull requests and merge queues with these jobs, indented by two. */
export const onPullRequest = (jobs: string): string =>
  `name: CI\non:\n  pull_request:\n  merge_group:\njobs:\n${jobs}`;

export const job = (id: string, more = '') =>
  `  ${id}:\n    runs-on: ubuntu-24.04\n${more}    steps: [{ run: make ${id} }]\n`;
