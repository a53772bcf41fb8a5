import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument, stringify } from 'yaml';
import { migrationFiles } from './migrations.js';

/** What one commit of the shop releases. */
export interface ReleaseFile {
  version: string;
  /** Version of the database's schema that it needs. */
  schema: number;
  fault?: object;
}

/** What runs before the story begins, without a table in its database. */
export const firstRelease: ReleaseFile = { version: '1.0.0', schema: 0 };

/** The shop team's repository: a real git repository with the templates as they are published. */
export interface ShopRepository {
  gitDir: string;
  /** Commits a release to main and returns the commit. */
  commit(release: ReleaseFile, message: string): string;
  /** The same on a new branch that begins at a commit. */
  commitOn(branch: string, from: string, release: ReleaseFile, message: string): string;
}

export interface RepositoryFacts {
  machines: string;
  /** Where the database's administrator is asked. */
  database: string;
  /** Folder for back-ups of it. */
  backups: string;
  /** Traffic file of each environment. */
  traffic: Readonly<Record<string, object>>;
}

/**
 * Creates the repository in an empty folder: the fixture, the templates, the suite, and the addresses of this
 * rehearsal.
 */
export function createRepository(
  dir: string,
  fixture: string,
  published: { cd: string; doraReport: string; suite: string },
  facts: RepositoryFacts,
): ShopRepository {
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      [
        '-c',
        'user.name=developer',
        '-c',
        'user.email=developer@example.com',
        '-c',
        'commit.gpgsign=false',
        ...args,
      ],
      {
        cwd: dir,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '', HOME: dir, GIT_CONFIG_NOSYSTEM: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).trim();
  mkdirSync(dir, { recursive: true });
  cpSync(fixture, dir, { recursive: true });
  const github = join(dir, '.github');
  const cd = parseDocument(readFileSync(published.cd, 'utf8'));
  cd.setIn(['jobs', 'cd', 'with', 'migrations'], 'run');
  writeFileSync(join(github, 'workflows', 'cd.yml'), cd.toString({ lineWidth: 0 }));
  cpSync(published.doraReport, join(github, 'workflows', 'dora-report.yml'));
  cpSync(published.suite, join(github, 'smoke.yml'));
  mkdirSync(join(github, 'traffic'), { recursive: true });
  for (const [environment, traffic] of Object.entries(facts.traffic)) {
    writeFileSync(join(github, 'traffic', `${environment}.yml`), stringify(traffic));
  }
  const { machines, database, backups } = facts;
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  writeFileSync(join(dir, 'deploy', 'target.json'), `${JSON.stringify({ machines, database, backups })}\n`);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const commit = (release: ReleaseFile, message: string) => {
    mkdirSync(join(dir, 'app'), { recursive: true });
    writeFileSync(join(dir, 'app', 'release.json'), `${JSON.stringify(release)}\n`);
    const migrations = join(dir, 'db', 'migrations');
    rmSync(migrations, { recursive: true, force: true });
    mkdirSync(migrations, { recursive: true });
    for (const [file, text] of migrationFiles(release.schema)) writeFileSync(join(migrations, file), text);
    git('add', '--all');
    git('commit', '--quiet', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  return {
    gitDir: join(dir, '.git'),
    commit,
    commitOn(branch, from, release, message) {
      git('checkout', '--quiet', '-b', branch, from);
      const sha = commit(release, message);
      git('checkout', '--quiet', 'main');
      return sha;
    },
  };
}
