import { runPrinter, type Printed, type Printer } from './printer.js';

interface Revision {
  name: string;
  parents: string;
  file: string;
}

/**
 * Offline SQL of each revision. Alembic itself says which file is which revision; its history is listed newest first,
 * so the reverse is an order in which they can run.
 */
export function alembicPrinter(alembic: readonly string[]): Printer {
  return async (run, migrations) => {
    const history = await runPrinter(run, [...alembic, 'history', '--verbose']);
    if (!history.ok)
      return new Map(migrations.map(({ path }) => [path, { ok: false, why: history.why } as const]));
    const revisions = readHistory(history.sql).reverse();
    const found = migrations.flatMap((one) => {
      const place = revisions.findIndex(({ file }) => file === one.path || file.endsWith(`/${one.path}`));
      return place < 0 ? [] : [{ path: one.path, place }];
    });
    const printed = new Map<string, Printed>();
    for (const { path, place } of found.sort((a, b) => a.place - b.place))
      printed.set(path, await printRevision(run, alembic, revisions[place]!));
    for (const { path } of migrations)
      if (!printed.has(path))
        printed.set(path, {
          ok: false,
          why: 'alembic history does not list this file: is it in version_locations?',
        });
    return printed;
  };
}

function printRevision(run: Parameters<Printer>[0], alembic: readonly string[], revision: Revision) {
  const { name, parents } = revision;
  const from = parents === '<base>' ? 'base' : parents;
  if (from.includes(','))
    return Promise.resolve<Printed>({
      ok: false,
      why: `${name} merges ${parents}: Alembic prints no SQL of a merge. Fix: waive it when its functions are empty`,
    });
  return runPrinter(run, [...alembic, 'upgrade', `${from}:${name}`, '--sql']);
}

/** Blocks of "Rev: …", "Parent: …" and "Path: …". */
function readHistory(text: string): Revision[] {
  const revisions: Revision[] = [];
  for (const line of text.split('\n')) {
    const [, key, value = ''] = /^(Rev|Parent|Merges|Path): (.*)$/.exec(line) ?? [];
    const last = revisions.at(-1);
    if (key === 'Rev') revisions.push({ name: value.split(' ')[0]!, parents: '<base>', file: '' });
    else if (last && (key === 'Parent' || key === 'Merges')) last.parents = value.trim();
    else if (last && key === 'Path') last.file = value.trim();
  }
  return revisions;
}
