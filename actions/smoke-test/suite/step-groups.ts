import type { LoadedSuite, Source, StepGroup } from './loaded-suite.js';
import type { SuiteStep } from './schema/schema.js';

/** Every group of steps of a suite, in the order in which they run. */
export function groupsOf(suite: Omit<LoadedSuite, 'groups'>): StepGroup[] {
  const { before, after, tenants = {}, isolation } = suite.value;
  const shared = capturesOf(before);
  const tenant = ['name', ...columnsOf(Object.values(tenants))];
  const ofTenant = tenant.map((name) => `tenant.${name}`);
  const groups: StepGroup[] = [];
  const add = (
    source: Source,
    further: readonly string[],
    lists: Lists,
    taken: readonly string[] = shared,
  ) => {
    const given = lists.flatMap(([steps, at]) => (steps ? [{ steps, at }] : []));
    if (given.length > 0) groups.push({ source, further, lists: given, taken });
  };
  add(suite, [], [[before, ['before']]], []);
  for (const { flow, source, at, rows } of suite.flows) {
    const further = [
      ...shared,
      ...columnsOf((rows ?? []).map(({ values }) => values)).map((name) => `row.${name}`),
      ...(flow['each-tenant'] ? ofTenant : []),
    ];
    add(source, further, [
      [flow.before, [...at, 'before']],
      [flow.steps, [...at, 'steps']],
      [flow.after, [...at, 'after']],
    ]);
  }
  if (isolation) {
    const own = capturesOf(isolation.own);
    add(
      suite,
      [...shared, ...ofTenant],
      [
        [isolation.own, ['isolation', 'own']],
        [isolation.after, ['isolation', 'after']],
      ],
    );
    const ofOther = [...tenant, ...own].map((name) => `other.${name}`);
    add(suite, [...shared, ...ofTenant, ...own, ...ofOther], [[isolation.others, ['isolation', 'others']]]);
  }
  add(suite, shared, [[after, ['after']]]);
  return groups;
}

/** Every step of some groups, with its place. */
export function* stepsOf(
  groups: readonly StepGroup[],
): Generator<{ step: SuiteStep; source: Source; at: PropertyKey[] }> {
  for (const { source, lists } of groups)
    for (const { steps, at } of lists)
      for (const [index, step] of steps.entries()) yield { step, source, at: [...at, index] };
}

type Lists = readonly (readonly [readonly SuiteStep[] | undefined, readonly PropertyKey[]])[];

function capturesOf(steps: readonly SuiteStep[] = []): string[] {
  return steps.flatMap((step) => Object.keys(step.capture ?? {}));
}

/** Names that every one of these mappings has; all rows have the columns of the first, and so have tenants. */
function columnsOf(mappings: readonly Readonly<Record<string, unknown>>[]): string[] {
  return Object.keys(mappings[0] ?? {});
}
