import type { RuleId } from '../rules/registry.js';
import type { ToolFacts } from '../tools/tool.js';
import type { Tree } from './repository.js';

/** Files of one migration at one commit. */
export interface NamedMigration {
  path: string;
  oid: string;
  version: string;
  repeatable: boolean;
  /** A file of its own with the inverse. */
  down: { path: string; oid: string } | undefined;
  /** Its companion file with settings. */
  settings: { oid: string } | undefined;
}

/** Something wrong with a file as a whole. */
export interface FileFinding {
  rule: RuleId;
  file: string;
  detail: string;
}

/** Migrations of one folder at one commit, in the order in which they run. */
export interface Listed {
  migrations: readonly NamedMigration[];
  wrong: readonly FileFinding[];
}

/** Names the migrations of a tree; every file that the tool would not run is said. */
export function listMigrations(facts: ToolFacts, folder: string, tree: Tree): Listed {
  const wrong: FileFinding[] = [];
  const up: NamedMigration[] = [];
  const downs = new Map<string, { path: string; oid: string }>();
  const settings = new Map<string, { oid: string }>();
  const prefix = folder === '.' ? '' : `${folder}/`;
  for (const [path, { oid, is }] of tree) {
    const named = facts.name(path.slice(prefix.length));
    if (named.is === 'wrong') wrong.push({ rule: 'wrong-name', file: path, detail: named.why });
    else if (named.is === 'settings') settings.set(`${prefix}${named.of}`, { oid });
    else if (named.is === 'migration' && is !== 'file')
      wrong.push({
        rule: 'unreadable',
        file: path,
        detail: `it is a ${is}, whose content git does not have`,
      });
    else if (named.is === 'migration' && named.part === 'down') downs.set(named.version, { path, oid });
    else if (named.is === 'migration') {
      const { version, repeatable = false } = named;
      up.push({ path, oid, version, repeatable, down: undefined, settings: undefined });
    }
  }
  const migrations = up.map((one) => ({
    ...one,
    down: downs.get(one.version),
    settings: settings.get(one.path),
  }));
  const { compare } = facts;
  if (compare) migrations.sort((a, b) => compare(a.version, b.version));
  for (const [at, one] of migrations.entries()) {
    const before = migrations[at - 1];
    if (compare && before && compare(before.version, one.version) === 0)
      wrong.push({ rule: 'same-version', file: one.path, detail: `${before.path} has the same number` });
  }
  return { migrations, wrong };
}

/** A release whose migrations may have run, and its files of this folder. */
export interface EarlierTree {
  label: string;
  migrations: readonly NamedMigration[];
}

export interface Changed {
  /** New to production, in order. */
  added: readonly NamedMigration[];
  wrong: readonly FileFinding[];
}

/** What the release adds to what is live, and what it did to migrations that ran. */
export function compareMigrations(
  facts: ToolFacts,
  { live, now, earlier }: { live: Listed; now: Listed; earlier: readonly EarlierTree[] },
): Changed {
  const atLive = new Map(live.migrations.map((one) => [one.path, one]));
  const atNow = new Map(now.migrations.map((one) => [one.path, one]));
  const added = now.migrations.filter((one) => {
    const before = atLive.get(one.path);
    return !before || (one.repeatable && before.oid !== one.oid);
  });
  const wasWrong = new Set(live.wrong.map(({ file }) => file));
  const wrong = now.wrong.filter(({ rule, file }) => rule === 'same-version' || !wasWrong.has(file));
  for (const [path, before] of atLive) {
    const after = atNow.get(path);
    if (before.repeatable) continue;
    if (!after)
      wrong.push({
        rule: 'deleted-after-release',
        file: path,
        detail: 'the live release has it, this one does not',
      });
    else if (after.oid !== before.oid)
      wrong.push({ rule: 'changed-after-release', file: path, detail: 'it is not as in the live release' });
  }
  const known = new Set(wrong.map(({ file }) => file));
  for (const { label, migrations } of earlier)
    for (const before of migrations.filter(({ path, repeatable }) => !repeatable && !atLive.has(path))) {
      const after = atNow.get(before.path);
      if (known.has(before.path) || after?.oid === before.oid) continue;
      known.add(before.path);
      wrong.push({
        rule: after ? 'changed-after-release' : 'deleted-after-release',
        file: before.path,
        detail: `it may have run with ${label}, ${after ? 'where it was another' : 'and this release does not have it'}`,
      });
    }
  return { added, wrong: [...wrong, ...outOfOrder(facts, live, added)] };
}

function outOfOrder(facts: ToolFacts, live: Listed, added: readonly NamedMigration[]): FileFinding[] {
  const { compare } = facts;
  const newest = live.migrations.filter(({ repeatable }) => !repeatable).at(-1);
  if (!facts.strictOrder || !compare || !newest) return [];
  return added
    .filter((one) => !one.repeatable && compare(one.version, newest.version) < 0)
    .map((one) => ({
      rule: 'out-of-order',
      file: one.path,
      detail: `${one.version} is below ${newest.version}, which is released`,
    }));
}
