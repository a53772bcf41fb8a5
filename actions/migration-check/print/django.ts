import { runPrinter, type Printed, type Printer } from './printer.js';

/** Prints what Django calls its database. */
const vendorProgram = (database: string) =>
  `from django.db import connections; print("vendor=" + connections[${JSON.stringify(database)}].vendor)`;

/** `sqlmigrate` of each migration, in the order of `showmigrations --plan`. Both need a database to ask. */
export function djangoPrinter(manage: readonly string[], database: string): Printer {
  return async (run, migrations) => {
    const none = (why: string) => new Map(migrations.map(({ path }) => [path, { ok: false, why } as const]));
    const vendor = await runPrinter(run, [...manage, 'shell', '-c', vendorProgram(database)]);
    if (!vendor.ok) return none(vendor.why);
    const engine = vendor.sql.split('\n').find((line) => line.startsWith('vendor='));
    if (engine?.trim() !== 'vendor=postgresql')
      return none(
        `the database "${database}" of these settings is ${engine?.slice(7) ?? 'not known'}: its SQL would not be PostgreSQL's`,
      );
    const plan = await runPrinter(run, [
      ...manage,
      'showmigrations',
      '--plan',
      '--no-color',
      '--database',
      database,
    ]);
    if (!plan.ok) return none(plan.why);
    const order = plan.sql.split('\n').flatMap((line) => /^\[[ X]\]\s+(\S+)/.exec(line)?.[1] ?? []);
    const places = new Map(order.map((name, place) => [name, place]));
    const sorted = [...migrations].sort(
      (a, b) => (places.get(a.version) ?? Infinity) - (places.get(b.version) ?? Infinity),
    );
    const printed = new Map<string, Printed>();
    for (const { path, version } of sorted) {
      const [app = '', name = ''] = version.split('.');
      printed.set(
        path,
        places.has(version)
          ? await runPrinter(run, [...manage, 'sqlmigrate', '--no-color', '--database', database, app, name])
          : { ok: false, why: `Django does not know ${version}: is its app installed under this label?` },
      );
    }
    return printed;
  };
}
