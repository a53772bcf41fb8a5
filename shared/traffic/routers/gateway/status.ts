import * as z from 'zod';

export const parentRefSchema = z.looseObject({
  group: z.string().optional(),
  kind: z.string().optional(),
  namespace: z.string().optional(),
  name: z.string(),
  sectionName: z.string().optional(),
  port: z.int().optional(),
});

const conditionSchema = z.looseObject({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  observedGeneration: z.int().optional(),
});

export const parentStatusSchema = z.looseObject({
  parentRef: parentRefSchema,
  controllerName: z.string().optional(),
  conditions: z.array(conditionSchema).nullish(),
});

type ParentRef = z.output<typeof parentRefSchema>;

/** A route as its controllers see it. */
export interface StatusOf {
  metadata: { generation: number; namespace: string };
  spec: { parentRefs?: readonly ParentRef[] | null | undefined };
  status?: { parents?: readonly z.output<typeof parentStatusSchema>[] | null | undefined } | null | undefined;
}

export type Acceptance = { is: 'accepted' } | { is: 'pending' | 'refused'; why: string };

/**
 * Whether every parent of the route has taken this generation of it (GEP-1364). Entries of parents that the route no
 * longer names do not count.
 */
export function acceptance(route: StatusOf): Acceptance {
  const { generation, namespace } = route.metadata;
  const parents = route.spec.parentRefs ?? [];
  if (parents.length === 0) return { is: 'refused', why: 'it names no parentRefs, so no Gateway serves it' };
  for (const parent of parents) {
    const entries = (route.status?.parents ?? []).filter((entry) =>
      sameParent(entry.parentRef, parent, namespace),
    );
    if (entries.length === 0)
      return { is: 'pending', why: `no controller has taken it for parent "${parent.name}"` };
    for (const { conditions, controllerName } of entries) {
      for (const type of ['Accepted', 'ResolvedRefs']) {
        const condition = conditions?.find((candidate) => candidate.type === type);
        const who = controllerName ?? `the controller of parent "${parent.name}"`;
        if (!condition || (condition.observedGeneration ?? 0) < generation)
          return { is: 'pending', why: `${who} has not said ${type} of generation ${generation} yet` };
        if (condition.status !== 'True') {
          const message = [condition.reason, condition.message].filter(Boolean).join(': ');
          return {
            is: 'refused',
            why: `${who} says ${type} is ${condition.status} (${message || 'no reason given'})`,
          };
        }
      }
    }
  }
  return { is: 'accepted' };
}

function sameParent(a: ParentRef, b: ParentRef, namespace: string): boolean {
  return (
    a.name === b.name &&
    (a.group ?? 'gateway.networking.k8s.io') === (b.group ?? 'gateway.networking.k8s.io') &&
    (a.kind ?? 'Gateway') === (b.kind ?? 'Gateway') &&
    (a.namespace ?? namespace) === (b.namespace ?? namespace) &&
    a.sectionName === b.sectionName &&
    a.port === b.port
  );
}
