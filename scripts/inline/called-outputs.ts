/** Outputs of a called workflow, as expressions of the one that it is written into. */
import { isMap, type Document, type YAMLMap } from 'yaml';
import { access, pathOf, resolve, textLiteral, type Expression } from './expression.js';
import { keyOf } from './nodes.js';
import { readTemplate } from './template.js';

export type Outputs = ReadonlyMap<string, Expression>;

/**
 * What the outputs of a called workflow are outside of it: `jobs.up.outputs.url` is `needs.KEY.outputs.url`, by the keys
 * that its jobs got. A job that never runs has none.
 */
export function calledOutputs(
  path: string,
  document: Document,
  keysOf: ReadonlyMap<string, string[]>,
  outputsOf: ReadonlyMap<string, Outputs>,
): Outputs {
  const declared = document.getIn(['on', 'workflow_call', 'outputs']);
  const made = new Map<string, Expression>();
  for (const pair of isMap(declared) ? declared.items : []) {
    const name = keyOf(pair);
    const [part, ...more] = readTemplate(String((pair.value as YAMLMap).get('value')));
    if (typeof part !== 'object' || more.length > 0)
      throw new Error(`${path}: the output ${name} is to be one expression`);
    made.set(
      name,
      resolve(part, (each) => {
        const [from, job, ...rest] = pathOf(each) ?? [];
        if (from !== 'jobs' || job === undefined || rest.length !== 2) return undefined;
        const inner = outputsOf.get(job);
        if (inner) return inner.get(rest[1]!) ?? textLiteral('');
        const key = keysOf.get(job)?.[0];
        return key === undefined ? textLiteral('') : access(['needs', key, ...rest]);
      }),
    );
  }
  return made;
}
