/** Changes of the shop's schema by the version each leads to. All only add: a shop one version older still works. */
export const migrations: Readonly<Record<number, string>> = {
  41: 'CREATE TABLE orders (id uuid PRIMARY KEY, customer uuid NOT NULL, total integer NOT NULL)',
  42: "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'placed'",
  43: 'CREATE INDEX orders_by_customer ON orders (customer)',
};

/** The versions to go through from one to another, none when it is reached; throws for one that nothing leads to. */
export function stepsTo(version: number, from: number): number[] {
  const known = Object.keys(migrations).map(Number);
  if (!known.includes(version))
    throw new Error(`no migration leads to schema ${version}; known are ${known.join(', ')}`);
  return known.filter((each) => each > from && each <= version);
}
