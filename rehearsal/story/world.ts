import { join } from 'node:path';
import { build } from 'esbuild';
import { writeReleaseTree } from '../../scripts/release-tree.js';
import { startChild, type Child } from './child.js';
import { controlGitHub, type GitHubControl } from './github-control.js';
import { startMachines, type Machines, type Ports } from './machines.js';
import { startDatabase, type ShopDatabase } from './database.js';
import { createRepository, firstRelease, type ShopRepository } from './repository.js';
import { startEntry } from './routers/entry.js';
import type { Entry, RouterChoice } from './routers/entry-plan.js';
import { freePorts } from './ports.js';

export const owner = 'acme';
export const name = 'shop';
export const environments = ['staging', 'production'] as const;
export type Environment = (typeof environments)[number];

/** Everything the story plays on. */
export interface World {
  dir: string;
  tree: string;
  treeBytes: number;
  github: GitHubControl;
  machines: Machines;
  database: ShopDatabase;
  /** The smoke suite of the shop. */
  suite: string;
  repository: ShopRepository;
  entries: Record<Environment, Entry>;
  /** Scripts built for plain node, by name. */
  scripts: Record<'shop' | 'router' | 'load', string>;
  close(): Promise<void>;
}

const colours = ['blue', 'green'] as const;

export interface WorldPlan {
  /** The clone. */
  root: string;
  /** An empty folder for all that is written. */
  dir: string;
  /** A folder with a short and plain path, for what the routers read. */
  edgeDir: string;
  router: RouterChoice;
}

/**
 * Builds the world: the stand-in, the database, the machines, the routers, the repository, the release tree, the first
 * version on blue.
 */
export async function buildWorld({ root, dir, edgeDir, router }: WorldPlan): Promise<World> {
  const starting = startDatabase(root, dir, environments);
  const tree = join(dir, 'tree');
  const treeBytes = writeReleaseTree(tree);
  const scripts = await buildScripts(root, dir);
  const children: Pick<Child<unknown>, 'stop'>[] = [];
  const github = startChild<{ url: string }>(
    join(root, 'rehearsal', 'github', 'main.ts'),
    [],
    ['--import', 'tsx'],
  );
  const ports = await choosePorts();
  const database = await starting;
  children.push(database);
  const machines = await startMachines(scripts.shop, ports, join(dir, 'data'));
  const entries = {} as Record<Environment, Entry>;
  for (const environment of environments) {
    const first = machines.push(Buffer.from(JSON.stringify(firstRelease)));
    await machines.deploy(environment, 'blue', first);
    const { entry, child } = await startEntry(
      router,
      { environment, dir: edgeDir, ports: ports[environment]! },
      scripts.router,
    );
    entries[environment] = entry;
    children.push(child);
  }
  const suite = join(root, 'docs', 'examples', 'smoke-go-live.yml');
  const repository = createRepository(
    join(dir, 'repository'),
    join(root, 'rehearsal', 'story', 'fixture'),
    {
      cd: join(root, 'workflows-templates', 'cd.yml'),
      doraReport: join(root, 'workflows-templates', 'dora-report.yml'),
      suite,
    },
    {
      machines: machines.url,
      database: database.adminUrl,
      backups: join(dir, 'backups'),
      traffic: Object.fromEntries(
        environments.map((environment) => [
          environment,
          trafficFile(environment, entries[environment], ports[environment]!),
        ]),
      ),
    },
  );
  const server = await github;
  children.push(server);
  const control = controlGitHub(server.ready.url);
  return {
    dir,
    tree,
    treeBytes,
    github: control,
    machines,
    database,
    suite,
    repository,
    entries,
    scripts,
    close: async () => {
      await machines.close();
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}

async function buildScripts(root: string, dir: string): Promise<World['scripts']> {
  const names = ['shop', 'router', 'load'] as const;
  const outdir = join(dir, 'bin');
  await build({
    entryPoints: Object.fromEntries(
      names.map((script) => [script, join(root, 'rehearsal', script, 'main.ts')]),
    ),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return Object.fromEntries(
    names.map((script) => [script, join(outdir, `${script}.mjs`)]),
  ) as World['scripts'];
}

async function choosePorts(): Promise<Ports> {
  const free = await freePorts(environments.length * colours.length);
  return Object.fromEntries(
    environments.map((environment) => [
      environment,
      Object.fromEntries(colours.map((colour) => [colour, free.pop()!])),
    ]),
  );
}

/** The traffic file as the shop's team would write it, with this rehearsal's addresses. */
function trafficFile(
  environment: Environment,
  entry: Entry,
  ports: Readonly<Record<string, number>>,
): object {
  const production = environment === 'production';
  return {
    version: 1,
    router: entry.router,
    colours: Object.fromEntries(
      colours.map((colour) => [colour, { url: `http://127.0.0.1:${ports[colour]}` }]),
    ),
    identity: { path: '/health', version: { json: '$.version' }, digest: { json: '$.digest' } },
    entry: {
      url: `${entry.url}/health`,
      connections: production ? 20 : 5,
      for: production ? '500ms' : '100ms',
    },
  };
}
