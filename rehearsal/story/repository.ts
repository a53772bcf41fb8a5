import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** What one commit of the shop releases. */
export interface ReleaseFile {
  version: string;
  fault?: object;
}

/** The shop team's repository: a real git repository with the templates as they are published. */
export interface ShopRepository {
  gitDir: string;
  /** Commits a release to main and returns the commit. */
  commit(release: ReleaseFile, message: string): string;
}

export interface RepositoryFacts {
  machines: string;
  /** Traffic file of each environment. */
  traffic: Readonly<Record<string, object>>;
}

/** Creates the repository in an empty folder: the fixture, the templates, and the addresses of this rehearsal. */
export function createRepository(
  dir: string,
  fixture: string,
  templates: string,
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
  for (const template of ['cd.yml', 'dora-report.yml'])
    cpSync(join(templates, template), join(dir, '.github', 'workflows', template));
  mkdirSync(join(dir, '.github', 'traffic'), { recursive: true });
  for (const [environment, traffic] of Object.entries(facts.traffic)) {
    writeFileSync(join(dir, '.github', 'traffic', `${environment}.yml`), stringify(traffic));
  }
  writeFileSync(join(dir, 'deploy', 'target.json'), `${JSON.stringify({ machines: facts.machines })}\n`);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  return {
    gitDir: join(dir, '.git'),
    commit({ version, fault }, message) {
      mkdirSync(join(dir, 'app'), { recursive: true });
      writeFileSync(
        join(dir, 'app', 'release.json'),
        `${JSON.stringify({ version, ...(fault ? { fault } : {}) })}\n`,
      );
      git('add', '--all');
      git('commit', '--quiet', '-m', message);
      return git('rev-parse', 'HEAD');
    },
  };
}
