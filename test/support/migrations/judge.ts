import { assess } from '../../../actions/migration-check/assess.js';
import type { Source } from '../../../actions/migration-check/config/schema.js';
import { compareMigrations, listMigrations } from '../../../actions/migration-check/find/changed.js';
import { collect } from '../../../actions/migration-check/find/collect.js';
import type { Repository, Tree } from '../../../actions/migration-check/find/repository.js';
import type { Assessment } from '../../../actions/migration-check/question.js';
import { loadParser } from '../../../actions/migration-check/sql/parser.js';

export { compareMigrations, listMigrations };

/** The day of all judgements in tests. */
export const today = Date.UTC(2026, 10, 29, 12);

export interface Setup {
  tool?: 'flyway' | 'golang-migrate' | 'node-pg-migrate' | 'dbmate' | 'prisma' | 'sql';
  transaction?: Source['transaction'];
  /** Files that the live release has too, below db. */
  before?: Record<string, string>;
  timeouts?: boolean;
  live?: string | null;
  oldest?: string;
  version?: string;
  failOn?: 'error' | 'warning';
  now?: number;
}

/** A clone that has two commits and nothing else: "live" and "new". */
export function repositoryOf(live: Record<string, string>, now: Record<string, string>): Repository {
  const trees: Record<string, Record<string, string>> = { live, new: now };
  const treeOf = (treeish: string, folder: string): Tree =>
    new Map(
      Object.entries(trees[treeish] ?? {})
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, text]) => [path, { oid: text, is: 'file' as const }]),
    );
  return {
    commitOf: async (name) => name,
    filesOf: async (treeish, folder) => treeOf(treeish, folder),
    read: async (treeish, path) => trees[treeish]?.[path],
    blob: async (oid) => oid,
    isAncestor: async () => true,
    isCheckedOut: async () => undefined,
  };
}

const parser = loadParser();

/** Judges files below db that the release adds to those of the live one. */
export async function judgeFiles(added: Record<string, string>, setup: Setup = {}): Promise<Assessment> {
  const before = Object.fromEntries(
    Object.entries(setup.before ?? {}).map(([path, text]) => [`db/${path}`, text]),
  );
  const now = {
    ...before,
    ...Object.fromEntries(Object.entries(added).map(([path, text]) => [`db/${path}`, text])),
  };
  const source = { tool: setup.tool ?? 'sql', folder: 'db', transaction: setup.transaction } as Source;
  const config = {
    version: 1 as const,
    database: 'postgresql' as const,
    migrations: [source],
    waivers: [],
    ...(setup.timeouts ? { timeouts: { lock: 5_000, statement: 600_000 } } : {}),
  };
  const collected = await collect(
    config,
    { from: 'live', to: 'new', earlier: [] },
    {
      repository: repositoryOf(before, now),
      parse: await parser,
      runWith: () => () => Promise.reject(new Error('nothing is run')),
    },
  );
  const version = setup.live === undefined ? '1.4.0' : setup.live;
  return assess({
    config,
    collected,
    leftOut: [],
    live:
      version === null
        ? null
        : {
            version,
            schema: setup.oldest ? { version: '42', oldestCompatibleApp: setup.oldest } : undefined,
          },
    version: setup.version ?? '1.5.0',
    failOn: setup.failOn ?? 'error',
    now: setup.now ?? today,
  });
}

/** Judges one SQL file that the release adds. */
export const judgeSql = (sql: string, setup: Setup = {}) => judgeFiles({ '0002_new.sql': sql }, setup);
