/** Changes of the shop's schema by the version each leads to, with their inverses. */
const changes: Readonly<Record<number, { name: string; up: string; down: string }>> = {
  41: {
    name: 'orders',
    up: 'CREATE TABLE orders (id uuid PRIMARY KEY, customer uuid NOT NULL, total integer NOT NULL);',
    down: 'DROP TABLE orders;',
  },
  42: {
    name: 'status',
    up: "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'placed';",
    down: 'ALTER TABLE orders DROP COLUMN status;',
  },
  43: {
    name: 'note',
    up: 'ALTER TABLE orders ADD COLUMN note text;',
    down: 'ALTER TABLE orders DROP COLUMN note;',
  },
  44: {
    name: 'no_status',
    up: 'ALTER TABLE orders DROP COLUMN status;',
    down: "ALTER TABLE orders ADD COLUMN status text NOT NULL DEFAULT 'placed';",
  },
};

/** Says which version the schema has; a view, since that takes no lock that anybody waits for. */
const says = (version: number) =>
  version === 40
    ? 'DROP VIEW migrations;'
    : `CREATE OR REPLACE VIEW migrations AS SELECT ${version} AS version;`;

/** The files of all migrations up to a version, by their names. */
export function migrationFiles(upTo: number): [name: string, text: string][] {
  return Object.entries(changes)
    .map(([version, change]) => ({ version: Number(version), ...change }))
    .filter(({ version }) => version <= upTo)
    .flatMap(({ version, name, up, down }): [string, string][] => [
      [`00${version}_${name}.sql`, `${up}\n${says(version)}\n`],
      [`00${version}_${name}.down.sql`, `${says(version - 1)}\n${down}\n`],
    ]);
}
