import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const corpus = join('test', 'support', 'workflow-corpus');

/** Every workflow of the corpus: rooms by theme, one fault a file, and the workflow that some of them call. */
export const corpusFiles = (): string[] =>
  readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yml'))
    .map((file) => join(corpus, file));

/** Lays the corpus out as the workflows of one repository. */
export function writeCorpus(repository: string): void {
  const folder = join(repository, '.github', 'workflows');
  mkdirSync(folder, { recursive: true });
  for (const file of corpusFiles()) cpSync(file, join(folder, basename(file)));
}
