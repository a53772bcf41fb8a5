/**
 * `npm run release -- prepare VERSION DIR` writes what the tag will hold; `npm run release -- publish VERSION DIR` makes
 * tag and Release of exactly that, and moves the moving tag last. .github/workflows/release.yml attests it in between.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { openGitHub } from '../../shared/github/client.js';
import { systemClock } from '../../shared/runner/port.js';
import { writeReleaseTree } from '../release-tree.js';
import { commitTree, gitIn } from './git.js';
import { planRelease, type ReleasePlan } from './plan.js';
import { publish } from './publish.js';
import { sbomOf } from './sbom.js';

const usage = `usage: npm run release -- prepare VERSION DIR
       npm run release -- publish VERSION DIR [--remote NAME] [--branch NAME]

prepare   writes the release tree into DIR: actions, bundles, called workflows, docs, SBOM, sha256 of every file
publish   pushes the tag, publishes the Release, and moves v1 last; needs GITHUB_TOKEN and GITHUB_REPOSITORY`;

/** Checksums of every other file of the tree, as sha256sum writes them. */
const checksums = 'checksums.txt';

export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => path !== checksums)
    .sort();
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

export const checksumsOf = (folder: string): string =>
  filesOf(folder)
    .map((path) => `${sha256(join(folder, path))}  ${path}\n`)
    .join('');

function plan(version: string): ReleasePlan {
  const git = gitIn('.');
  const dirty = git(['status', '--porcelain']);
  if (dirty !== '') stop([`the checkout has changes of its own:\n${dirty}`]);
  const planned = planRelease({
    version,
    packageVersion: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
    tags: git(['tag', '--list']).split('\n'),
    changelog: readFileSync('CHANGELOG.md', 'utf8'),
  });
  if (!planned.ok) stop(planned.problems);
  return planned.plan;
}

function stop(problems: readonly string[]): never {
  for (const problem of problems) console.error(`release: ${problem}`);
  process.exit(1);
}

async function main([command, version, folder, ...options]: string[]): Promise<void> {
  if (!version || !folder || !['prepare', 'publish'].includes(command ?? '') || options.length % 2 === 1) {
    console.error(usage);
    process.exit(2);
  }
  const option = (name: string) => options[options.indexOf(name) + 1 || options.length];
  const release = plan(version);
  const git = gitIn('.');
  const source = git(['rev-parse', 'HEAD']);
  const repository = process.env['GITHUB_REPOSITORY'] ?? 'org/devops-actions';
  if (command === 'prepare') {
    writeReleaseTree(folder, { repository, sha: source });
    writeFileSync(join(folder, 'sbom.cdx.json'), sbomOf('.'));
    writeFileSync(join(folder, checksums), checksumsOf(folder));
    console.log(`${folder}: ${filesOf(folder).length} files for ${release.tag} of ${source}`);
    return;
  }
  const listed = join(folder, checksums);
  if (!existsSync(listed) || readFileSync(listed, 'utf8') !== checksumsOf(folder))
    stop([`${folder} is not as it was prepared and attested. Fix: prepare it again`]);
  const [owner = '', name = ''] = repository.split('/');
  const github = await openGitHub({
    token: process.env['GITHUB_TOKEN'],
    at: { owner, repository: name, apiUrl: process.env['GITHUB_API_URL'] ?? 'https://api.github.com' },
    clock: systemClock,
    random: Math.random,
  });
  await publish(
    {
      plan: release,
      commit: commitTree(git, folder, source, `Release ${release.tag}`),
      source,
      branch: option('--branch') ?? 'main',
      remote: option('--remote') ?? 'origin',
    },
    { git, github, tell: (line) => console.log(line) },
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  stop([(error as Error).message]);
}
