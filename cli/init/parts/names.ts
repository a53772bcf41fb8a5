/** What a team may switch on beside delivery, watch and rollback, in the order in which it is offered. */
export const partNames = [
  'ci-python',
  'ci-node',
  'test-pyramid',
  'security-scan',
  'docs',
  'hotfix',
  'ephemeral-environment',
  'migrations',
  'infrastructure',
  'incident-response',
  'release-candidate',
  'go-live',
] as const;

export type PartName = (typeof partNames)[number];

/** Parts that another one cannot do without: what makes an environment needs what removes it. */
const needed: Readonly<Partial<Record<PartName, readonly PartName[]>>> = {
  hotfix: ['ephemeral-environment'],
};

/** The parts that were asked for, with those that they need, in the order of the list. */
export const withNeeded = (asked: readonly PartName[]): PartName[] =>
  partNames.filter((name) => asked.includes(name) || asked.some((one) => needed[one]?.includes(name)));
