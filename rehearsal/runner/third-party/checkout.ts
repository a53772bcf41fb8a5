import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { git } from '../git.js';
import type { BuiltinAction, BuiltinContext } from './action.js';

const refused = ['submodules', 'lfs', 'ssh-key', 'sparse-checkout', 'filter'];

function target({ inputs, workspace }: BuiltinContext): string {
  const folder = resolve(workspace, inputs['path'] ?? '.');
  if (folder !== workspace && !folder.startsWith(`${workspace}/`)) {
    throw new Error(`Repository path '${folder}' is not under '${workspace}'`);
  }
  return folder;
}

/** What to fetch and what to have checked out afterwards. */
async function plan({ inputs, repository, ref, sha }: BuiltinContext) {
  const asked = inputs['ref'] ?? '';
  if (asked === '') return { ref, sha };
  if (/^[0-9a-f]{40}$/i.test(asked)) return { ref: '', sha: asked };
  const candidates = asked.startsWith('refs/') ? [asked] : [`refs/heads/${asked}`, `refs/tags/${asked}`];
  for (const candidate of candidates) {
    const found = await git(['rev-parse', '--verify', '--quiet', `${candidate}^{commit}`], {
      gitDir: repository.gitDir,
    }).catch(() => '');
    if (found !== '') return { ref: candidate, sha: found.trim() };
  }
  throw new Error(`A branch or tag with the name '${asked}' could not be found`);
}

async function checkout(context: BuiltinContext): Promise<void> {
  const { inputs, repository, serverUrl, token, signal } = context;
  const wanted = inputs['repository'] ?? '';
  if (wanted !== '' && wanted !== `${repository.owner}/${repository.name}`) {
    throw new Error(
      `The rehearsal only holds ${repository.owner}/${repository.name}; 'repository: ${wanted}' is not there`,
    );
  }
  for (const name of refused) {
    if (!['', 'false'].includes(inputs[name] ?? ''))
      throw new Error(`'${name}' is not served by this checkout`);
  }
  const folder = target(context);
  const { ref, sha } = await plan(context);
  const depth = Number(inputs['fetch-depth']);
  const at = { cwd: folder, signal };

  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, '.git'))) {
    for (const entry of readdirSync(folder)) rmSync(join(folder, entry), { recursive: true, force: true });
    // Without the samples of hooks, which no job wants.
    await git(['init', '-q', '-b', 'main', '--template='], at);
    await git(['remote', 'add', 'origin', pathToFileURL(resolve(repository.gitDir)).href], at);
  } else if (inputs['clean'] === 'true') {
    await git(['clean', '-ffdxq'], at);
  }

  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  const local = branch !== undefined ? `refs/remotes/origin/${branch}` : ref;
  const specs = [
    ...(depth === 0 ? ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'] : []),
    ...(inputs['fetch-tags'] === 'true' && depth !== 0 ? ['+refs/tags/*:refs/tags/*'] : []),
  ];
  const limits = depth > 0 ? [`--depth=${depth}`] : [];
  await git(['fetch', '-q', '--no-tags', '--force', ...limits, 'origin', ...specs, sha], at);
  if (local !== '') await git(['update-ref', local, sha], at);
  await git(
    ['checkout', '-q', '--force', ...(branch !== undefined ? ['-B', branch, local] : ['--detach', sha])],
    at,
  );

  if (inputs['persist-credentials'] === 'true') {
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
    await git(['config', `http.${serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`], at);
  }
  context.setOutput('ref', inputs['ref'] || ref);
  context.setOutput('commit', sha);
  context.log(`HEAD is now at ${sha}`);
}

/** `actions/checkout` from the rehearsal repository, at the event's commit or the `ref` asked for. */
export const checkoutAction: BuiltinAction = {
  inputs: {
    repository: '',
    ref: '',
    token: '',
    path: '.',
    clean: 'true',
    'fetch-depth': '1',
    'fetch-tags': 'false',
    'persist-credentials': 'true',
    'show-progress': 'true',
    'set-safe-directory': 'true',
    ...Object.fromEntries(refused.map((name) => [name, ''])),
  },
  run: checkout,
  post: async (context) => {
    const at = { cwd: target(context), signal: context.signal };
    await git(['config', '--unset-all', `http.${context.serverUrl}/.extraheader`], at).catch(() => '');
  },
};
