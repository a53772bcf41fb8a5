/**
 * Builds dist/: one bundle of the suite and its command line with lazy chunks, minified, and a stub for each half of each
 * action and for the command line. Deterministic.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build, transformSync, type Plugin } from 'esbuild';
import { actions, type ActionName } from '../actions/suite.js';

const out = 'dist';
const suite = join(out, 'suite');

const compiled = join('.cache', 'build');
const entry = join(compiled, 'entry.js');

/** The command line is a lazy chunk beside the actions, so that both share what they are made of. */
const entryLines = [
  // What nearly every chunk needs, once instead of in each of them.
  "import './shared/config/fields.js';",
  "import './shared/exec/run.js';",
  "export { run } from './actions/suite.js';",
  "export const runCommandLine = () => import('./cli/main.js');\n",
];

/**
 * ncc would type-check the whole repository for every build, so it is given JavaScript; `npm run types` is the check.
 */
function compile(): void {
  rmSync(compiled, { recursive: true, force: true });
  for (const folder of ['actions', 'cli', 'scripts/inline', 'shared']) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts')) continue;
      const source = join(entry.parentPath, entry.name);
      const target = join(compiled, source.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      const { code } = transformSync(readFileSync(source, 'utf8'), {
        loader: 'ts',
        format: 'esm',
        target: 'node20',
      });
      writeFileSync(target, code);
    }
  }
  writeFileSync(entry, entryLines.join('\n'));
}

/**
 * @actions/core imports a whole HTTP client for OIDC tokens and a process runner to describe the machine, which cost
 * every step tens of milliseconds and nothing here asks for. So ncc finds a copy of it in which the imports of these
 * modules lead to stand-ins; its own text is as published.
 */
async function compileCore(): Promise<void> {
  const source = join('node_modules', '@actions', 'core');
  const target = join(compiled, source);
  await build({
    entryPoints: [join(source, 'lib', 'core.js')],
    outfile: join(target, 'lib', 'core.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    plugins: [standIns],
    logLevel: 'warning',
  });
  for (const name of ['package.json', 'LICENSE.md']) copyFileSync(join(source, name), join(target, name));
}

/** Stand-ins by the module that is left out; using what is not there is an error that says where to look. */
const leftOut: Readonly<Record<string, string>> = {
  'oidc-utils.js': 'export class OidcClient { static async getIDToken() { throw leftOut(); } }',
  // The whole of node's cryptography takes longer to load than all else that is left of this package.
  crypto: 'export const randomUUID = () => globalThis.crypto.randomUUID();',
  'platform.js': 'export const getDetails = async () => { throw leftOut(); };',
};

const standIns: Plugin = {
  name: 'stand-ins',
  setup(hooks) {
    const missing = new Set(Object.keys(leftOut));
    hooks.onResolve({ filter: /^crypto$|\/(oidc-utils|platform)\.js$/ }, ({ path }) => {
      missing.delete(basename(path));
      return { path: basename(path), namespace: 'left-out' };
    });
    hooks.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `${leftOut[path]}
function leftOut() { return new Error('left out of this bundle; see compileCore in scripts/build.ts'); }`,
    }));
    hooks.onEnd(() => {
      if (missing.size > 0) throw new Error(`@actions/core has no ${[...missing].join(', ')} any more`);
    });
  },
};

function bundle(): void {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(suite, { recursive: true });
  const cli = join('node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  execFileSync(
    process.execPath,
    [cli, 'build', entry, '-o', suite, '--license', 'licenses.txt', '--no-cache', '--quiet'],
    {
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
}

/** ncc leaves lazy chunks as they are, so every file is minified here; names survive for stack traces. */
function minify(): void {
  for (const name of readdirSync(suite)) {
    const path = join(suite, name);
    if (name === 'package.json' || name === 'licenses.txt') continue;
    if (!/\.(c|m)?js$/.test(name)) {
      rmSync(path, { recursive: true });
      continue;
    }
    const { code } = transformSync(readFileSync(path, 'utf8'), {
      minify: true,
      keepNames: true,
      legalComments: 'none',
      charset: 'utf8',
      target: 'node20',
      // libpg-query is CommonJS, and asks where it stands for its file.
      define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
    });
    writeFileSync(path, code);
  }
}

/** PostgreSQL's parser, which libpg-query reads from a file beside itself. */
function copyParser(): void {
  const name = 'libpg-query.wasm';
  copyFileSync(join('node_modules', 'libpg-query', 'wasm', name), join(suite, name));
}

async function writeStubs(): Promise<void> {
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
  for (const name of Object.keys(actions) as ActionName[]) {
    const action = await actions[name]();
    mkdirSync(join(out, name), { recursive: true });
    writeFileSync(join(out, name, 'index.js'), stub(name, 'main'));
    if ('post' in action && action.post) writeFileSync(join(out, name, 'post.js'), stub(name, 'post'));
  }
  mkdirSync(join(out, 'cli'));
  writeFileSync(
    join(out, 'cli', 'index.js'),
    "#!/usr/bin/env node\nimport { runCommandLine } from '../suite/index.js';\nawait runCommandLine();\n",
  );
}

function stub(name: string, phase: 'main' | 'post'): string {
  return `import { run } from '../suite/index.js';\nawait run('${name}', '${phase}');\nprocess.exit();\n`;
}

function report(): void {
  const files = readdirSync(suite).map((name) => ({ name, bytes: statSync(join(suite, name)).size }));
  for (const { name, bytes } of files.sort((a, b) => b.bytes - a.bytes))
    console.log(`${String(bytes).padStart(9)}  ${name}`);
}

compile();
await compileCore();
bundle();
minify();
copyParser();
await writeStubs();
if (!existsSync(join(suite, 'index.js'))) throw new Error('ncc wrote no index.js');
report();
