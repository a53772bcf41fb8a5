import type { MigrationsFile, Source } from '../config/schema.js';
import type { Run } from '../print/printer.js';
import { printerOf } from '../print/registry.js';
import type { SqlParser } from '../sql/statement.js';
import { toolFacts } from '../tools/registry.js';
import {
  compareMigrations,
  listMigrations,
  type EarlierTree,
  type FileFinding,
  type Listed,
} from './changed.js';
import { readMigrations, type ReadMigration } from './read.js';
import type { Repository } from './repository.js';

/** A release that is no ancestor of what is live and whose migrations may have run all the same. */
export interface EarlierRelease {
  sha: string;
  label: string;
}

export interface Range {
  /** Undefined before the first deployment. */
  from: string | undefined;
  to: string;
  earlier: readonly EarlierRelease[];
}

/** All that is known of the migrations of one source. */
export interface Collected {
  source: Source;
  added: readonly ReadMigration[];
  /** What ran before, where it is SQL that can be read. */
  history: readonly ReadMigration[];
  historyIsWhole: boolean;
  wrong: readonly FileFinding[];
  /** Version of the schema at the released commit; undefined without migrations. */
  version: string | undefined;
}

export interface CollectPorts {
  repository: Repository;
  parse: SqlParser;
  runWith(source: Source): Run;
}

/** Reads the migrations of every source, in the order of the migrations file. */
export async function collect(
  config: MigrationsFile,
  range: Range,
  ports: CollectPorts,
): Promise<Collected[]> {
  const collected: Collected[] = [];
  for (const source of config.migrations) collected.push(await collectSource(source, range, ports));
  return collected;
}

async function collectSource(source: Source, range: Range, ports: CollectPorts): Promise<Collected> {
  const { repository, parse } = ports;
  const facts = toolFacts[source.tool];
  const at = async (treeish: string | undefined): Promise<Listed> =>
    treeish === undefined
      ? { migrations: [], wrong: [] }
      : listMigrations(facts, source.folder, await repository.filesOf(treeish, source.folder));
  const [live, now] = [await at(range.from), await at(range.to)];
  const earlier: EarlierTree[] = [];
  for (const { sha, label } of range.earlier) earlier.push({ label, migrations: (await at(sha)).migrations });
  const { added, wrong } = compareMigrations(facts, { live, now, earlier });
  const tools = { repository, parse, run: ports.runWith(source) };
  const history = printerOf(source) ? [] : await readMigrations(source, facts, live.migrations, tools);
  return {
    source,
    added: await readMigrations(source, facts, added, tools),
    history,
    historyIsWhole: !printerOf(source) && history.every(({ failures }) => failures.length === 0),
    wrong: [
      ...wrong,
      ...(now.migrations.length === 0 && live.migrations.length === 0
        ? [
            {
              rule: 'wrong-name' as const,
              file: source.folder,
              detail: `the folder has no migration of ${source.tool}, in this release or the live one: is its path right?`,
            },
          ]
        : []),
    ],
    version: now.migrations.filter(({ repeatable }) => !repeatable).at(-1)?.version,
  };
}
