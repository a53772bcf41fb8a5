import type { GitRef } from '../git/repository.js';
import { nodeId } from '../node-id.js';
import { objectFields } from './commits.js';
import { connection, type PageArguments } from './connection.js';
import type { Fields, View } from './view.js';

/** A ref: its `prefix` is `refs/heads/`, `refs/tags/` or, for others, all but the last part. */
export function refFields(view: View, ref: GitRef): Fields {
  const prefix =
    /^refs\/(heads|tags)\//.exec(ref.name)?.[0] ?? ref.name.slice(0, ref.name.lastIndexOf('/') + 1);
  return {
    __typename: 'Ref',
    id: nodeId('REF', view.repo.id, ref.name),
    name: ref.name.slice(prefix.length),
    prefix,
    target: () => objectFields(view, ref.oid),
  };
}

export async function refOrNull(view: View, name: string): Promise<Fields | null> {
  const names = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  for (const one of names) {
    const ref = await view.repo.git.ref(one);
    if (ref !== null) return refFields(view, ref);
  }
  return null;
}

export interface RefsArguments extends PageArguments {
  refPrefix: string;
  query?: string | null;
  direction?: 'ASC' | 'DESC' | null;
}

export async function refsFields(view: View, args: RefsArguments): Promise<Fields> {
  const prefix = args.refPrefix.endsWith('/') ? args.refPrefix : `${args.refPrefix}/`;
  const refs = (await view.repo.git.refs(prefix)).filter(({ name }) => name.includes(args.query ?? ''));
  if (args.direction === 'DESC') refs.reverse();
  return connection(
    'refs',
    refs,
    args,
    ({ name }) => name,
    (ref) => ({
      ...refFields(view, ref),
      // Listed by a prefix, a ref is named relative to it.
      name: ref.name.slice(prefix.length),
      prefix,
    }),
  );
}
