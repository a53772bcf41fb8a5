import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

export interface Cost {
  /** Points of the hourly limit. */
  points: number;
  nodes: number;
}

function lengthOf(list: ValueNode, variables: Record<string, unknown>): number {
  const value = list.kind === Kind.VARIABLE ? variables[list.name.value] : undefined;
  if (Array.isArray(value)) return value.length;
  return list.kind === Kind.LIST ? list.values.length : 1;
}

/**
 * What a query costs by GitHub's formula: the requests its connections would need at full pages, divided by 100, at
 * least 1 (docs: "Rate limits and query limits for the GraphQL API").
 */
export function queryCost(document: DocumentNode, variables: Record<string, unknown>): Cost {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions) {
    if (one.kind === Kind.FRAGMENT_DEFINITION) fragments.set(one.name.value, one);
  }
  let requests = 0;
  let nodes = 0;
  const walk = (set: SelectionSetNode | undefined, parents: number): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        walk(fragments.get(selection.name.value)?.selectionSet, parents);
        continue;
      }
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, parents);
        continue;
      }
      const bound = selection.arguments?.find(
        ({ name }) => name.value === 'first' || name.value === 'last',
      )?.value;
      if (bound === undefined) {
        const ids = selection.arguments?.find(({ name }) => name.value === 'ids')?.value;
        walk(selection.selectionSet, parents * (ids === undefined ? 1 : lengthOf(ids, variables)));
        continue;
      }
      const size =
        bound.kind === Kind.VARIABLE
          ? Number(variables[bound.name.value] ?? 0)
          : Number(bound.kind === Kind.INT ? bound.value : 0);
      requests += parents;
      nodes += parents * size;
      walk(selection.selectionSet, parents * size);
    }
  };
  for (const one of document.definitions) {
    if (one.kind === Kind.OPERATION_DEFINITION) walk(one.selectionSet, 1);
  }
  return { points: Math.max(1, Math.round(requests / 100)), nodes };
}
