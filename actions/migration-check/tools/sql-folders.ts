import type { Comment } from '../sql/statement.js';
import { byNumber, byText, endless, type NamedFile, type Parts, type ToolFacts } from './tool.js';

const isSql = (path: string) => /\.sql$/i.test(path);
const other: NamedFile = { is: 'other' };

/** golang-migrate: 43_prices.up.sql and 43_prices.down.sql, each sent to PostgreSQL at once. */
export const golangMigrate: ToolFacts = {
  tool: 'golang-migrate',
  files: 'sql',
  name(path) {
    if (!isSql(path)) return other;
    const [, version, part] = /^(\d+)_[^/]*\.(up|down)\.sql$/.exec(path) ?? [];
    if (version === undefined)
      return { is: 'wrong', why: 'golang-migrate runs <number>_<text>.up.sql and .down.sql' };
    return { is: 'migration', version, part: part as 'up' | 'down' };
  },
  compare: byNumber,
  strictOrder: true,
  inverse: true,
  transaction: 'statements',
};

/** A comment that begins a part of a file, as tools know it: by its beginning. */
const marker = (comments: readonly Comment[], begin: RegExp) =>
  comments.find(({ text }) => begin.test(text.trim()));

function parts(up: Comment | undefined, down: Comment | undefined): Extract<Parts, { ok: true }> {
  const from = up?.line ?? 1;
  if (!down) return { ok: true, up: [from, endless], down: undefined };
  return down.line < from
    ? { ok: true, up: [from, endless], down: [down.line, from - 1] }
    : { ok: true, up: [from, down.line - 1], down: [down.line, endless] };
}

/** node-pg-migrate: SQL files with -- Up Migration and -- Down Migration. */
export const nodePgMigrate: ToolFacts = {
  tool: 'node-pg-migrate',
  files: 'sql',
  name(path) {
    const [, version, end] = /^(\d+)[_-][^/]*\.([a-z]+)$/.exec(path) ?? [];
    if (version === undefined)
      return isSql(path) || /\.[cm]?[jt]s$/.test(path)
        ? { is: 'wrong', why: 'node-pg-migrate runs <timestamp>_<text>.sql' }
        : other;
    return end === 'map' || end === 'md' ? other : { is: 'migration', version, part: 'both' };
  },
  compare: byNumber,
  strictOrder: true,
  inverse: true,
  transaction: 'file',
  together: true,
  split: (comments) =>
    parts(marker(comments, /^--\s*up\s+migration/i), marker(comments, /^--\s*down\s+migration/i)),
};

/** dbmate: -- migrate:up and -- migrate:down in one file. */
export const dbmate: ToolFacts = {
  tool: 'dbmate',
  files: 'sql',
  name(path) {
    if (!isSql(path)) return other;
    const [, version] = /^(\d+)[^/]*\.sql$/.exec(path) ?? [];
    return version === undefined
      ? { is: 'wrong', why: 'dbmate runs <number>_<text>.sql' }
      : { is: 'migration', version, part: 'both' };
  },
  compare: byText,
  strictOrder: false,
  inverse: true,
  transaction: 'file',
  split(comments) {
    const up = marker(comments, /^--\s*migrate:up(?:\s|$)/);
    if (!up) return { ok: false, why: 'it has no line  -- migrate:up' };
    const down = marker(comments, /^--\s*migrate:down(?:\s|$)/);
    return { ...parts(up, down), ...(/\btransaction:false\b/.test(up.text) ? { transaction: 'none' } : {}) };
  },
};

/** Prisma: <timestamp>_<text>/migration.sql, each sent to PostgreSQL at once. */
export const prisma: ToolFacts = {
  tool: 'prisma',
  files: 'sql',
  name(path) {
    const [folder, file, ...more] = path.split('/');
    if (file === 'migration.sql' && more.length === 0)
      return { is: 'migration', version: folder!, part: 'both' };
    return isSql(path) && file !== 'down.sql'
      ? { is: 'wrong', why: 'Prisma runs <folder>/migration.sql' }
      : other;
  },
  compare: byText,
  strictOrder: false,
  inverse: false,
  transaction: 'statements',
};

/** A folder of SQL files that run in the order of their names; NAME.down.sql is the inverse of NAME.sql. */
export const plainSql: ToolFacts = {
  tool: 'sql',
  files: 'sql',
  name(path) {
    const [, version, down] = /^(.*?)(\.down)?\.sql$/i.exec(path) ?? [];
    if (version === undefined) return other;
    return { is: 'migration', version, part: down ? 'down' : 'both' };
  },
  compare: byText,
  strictOrder: false,
  inverse: false,
  transaction: 'none',
};
