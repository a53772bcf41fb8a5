/**
 * A called workflow that stays one, in the repository of its caller: a call with a matrix has no equal in one file,
 * since a job of a matrix waits for all legs of the one before, and one leg that fails would keep the others from their
 * watch.
 */
import { isMap, Scalar, visit, type Document, type YAMLMap } from 'yaml';
import { isText, jobsOf, keyOf, read, textAt } from './nodes.js';

/** The suite as the caller names it, such as `org/devops-actions` at `v1`. */
export interface Suite {
  repository: string;
  ref: string;
}

/** Where a copy stands in the repository of the team, as its caller names it. */
export function copyName(uses: string): Scalar {
  const name = new Scalar(`./.github/workflows/called-${uses.split('@')[0]!.split('/').at(-1)!}`);
  // "$/", which the linter would rather have, is not known to Enterprise Server.
  name.comment = " zizmor: ignore[self-repository] the caller's own, on purpose";
  return name;
}

/** Paths, in the suite, of what a workflow calls by a copy of its own repository. */
export const calledCopies = (whole: Document): string[] => [
  ...new Set(
    jobsOf(whole)
      .map(({ node }) => textAt(node, 'uses') ?? '')
      .filter((uses) => uses.startsWith('./.github/workflows/called-'))
      .map((uses) => uses.replace('./.github/workflows/called-', '.github/workflows/')),
  ),
];

/** The copy: its actions are named with repository and ref, and it knows no key that Enterprise Server lacks. */
export function calledCopy(path: string, suite: Suite, text: string): Document {
  const document = read(text);
  for (const { key, node } of jobsOf(document)) {
    if (textAt(node, 'uses') !== undefined) throw new Error(`${path}: the job ${key} calls again`);
    withoutOwnNames(node, suite);
  }
  return document;
}

/** Puts names that others can read in place of the suite's own, and takes `deployment` away. */
export function withoutOwnNames(node: YAMLMap, { repository, ref }: Suite): void {
  const environment = node.get('environment');
  // Enterprise Server does not know it; the suite's records are told apart from those by their task.
  if (isMap(environment)) environment.delete('deployment');
  visit(node, {
    Pair: (_, pair) => {
      if (keyOf(pair) === 'uses' && isText(pair.value) && pair.value.value.startsWith('$/'))
        pair.value.value = `${repository}/${pair.value.value.slice(2)}@${ref}`;
    },
  });
}
