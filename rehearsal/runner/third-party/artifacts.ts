import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { globMatcher } from '../../glob.js';
import { listFiles, matchFiles } from '../run/job/hash-files.js';
import type { BuiltinAction, BuiltinContext } from './action.js';

interface Stored {
  id: number;
  attempt: number;
  digest: string;
}

const described = (root: string, name: string) => join(root, `${name}.json`);
const read = (root: string, name: string) =>
  JSON.parse(readFileSync(described(root, name), 'utf8')) as Stored;
const names = (root: string) =>
  existsSync(root)
    ? readdirSync(root)
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -'.json'.length))
    : [];

/** Absolute paths of the chosen files; `path` may be several lines, globs and `!` exclusions. */
function chosen({ inputs, workspace }: BuiltinContext): string[] {
  const lines = (inputs['path'] ?? '').split('\n').map((line) => line.trim());
  const relatives = lines
    .filter((line) => line !== '')
    .map((line) => {
      const not = line.startsWith('!') ? '!' : '';
      return not + (relative(workspace, resolve(workspace, line.slice(not.length))) || '**');
    });
  const outside = relatives.filter((line) => line.startsWith('..'));
  const below = matchFiles(
    workspace,
    relatives.filter((line) => !line.startsWith('..')),
  ).map((file) => join(workspace, file));
  const elsewhere = outside.flatMap((line) => {
    const path = resolve(workspace, line);
    if (!existsSync(path)) return [];
    return statSync(path).isDirectory() ? listFiles(path).map((file) => join(path, file)) : [path];
  });
  const hidden = inputs['include-hidden-files'] === 'true';
  return [...below, ...elsewhere].filter((file) => hidden || !/\/\./.test(file.slice(workspace.length)));
}

/** The folder all files share; that of the only path when it is a folder. */
function commonRoot(files: readonly string[], { inputs, workspace }: BuiltinContext): string {
  const single = resolve(workspace, (inputs['path'] ?? '').trim());
  if (existsSync(single) && statSync(single).isDirectory()) return single;
  return files.map(dirname).reduce((root, folder) => {
    let shared = root;
    while (shared !== folder && !folder.startsWith(`${shared}/`)) shared = dirname(shared);
    return shared;
  });
}

async function upload(context: BuiltinContext): Promise<void> {
  const { inputs, runId, attempt, artifacts, setOutput, log, warning } = context;
  const name = inputs['name'] ?? '';
  if (/["<>|*?:\r\n\\/]/.test(name) || name === '') {
    throw new Error(
      `The artifact name is not valid: '${name}'. It must not be empty nor hold " : < > | * ? \\ / or line breaks`,
    );
  }
  const files = chosen(context);
  if (files.length === 0) {
    const message = `No files were found with the provided path: ${inputs['path']}. No artifacts will be uploaded.`;
    if (inputs['if-no-files-found'] === 'error') throw new Error(message);
    return inputs['if-no-files-found'] === 'ignore' ? log(message) : warning(message);
  }
  const root = artifacts(runId);
  const folder = join(root, name);
  mkdirSync(root, { recursive: true });
  if (existsSync(described(root, name))) {
    if (inputs['overwrite'] !== 'true' && read(root, name).attempt === attempt) {
      throw new Error(
        'Failed to CreateArtifact: (409) Conflict: an artifact with this name already exists on the workflow run',
      );
    }
    rmSync(folder, { recursive: true, force: true });
  }
  const digest = createHash('sha256');
  const base = commonRoot(files, context);
  for (const file of files) {
    const inside = relative(base, file);
    cpSync(file, join(folder, inside));
    digest.update(`${inside}\0`).update(readFileSync(file));
  }
  const stored: Stored = { id: names(root).length + 1, attempt, digest: digest.digest('hex') };
  writeFileSync(described(root, name), JSON.stringify(stored));
  setOutput('artifact-id', String(stored.id));
  setOutput('artifact-digest', stored.digest);
  setOutput(
    'artifact-url',
    `${context.serverUrl}/${context.repository.owner}/${context.repository.name}/actions/runs/${runId}/artifacts/${stored.id}`,
  );
  log(`Artifact ${name} has been successfully uploaded: ${files.length} files`);
}

async function download({
  inputs,
  workspace,
  runId,
  artifacts,
  setOutput,
  log,
}: BuiltinContext): Promise<void> {
  const from = inputs['run-id'] ? Number(inputs['run-id']) : runId;
  const root = artifacts(from);
  const target = resolve(workspace, inputs['path'] || '.');
  const name = inputs['name'] ?? '';
  const pattern = inputs['pattern'] ?? '';
  const found = names(root).filter((each) =>
    name !== '' ? each === name : pattern === '' || globMatcher(pattern)(each),
  );
  if (name !== '' && found.length === 0) {
    throw new Error(
      `Unable to download artifact(s): Artifact not found for name: ${name}. Run ${from} has: ${names(root).join(', ') || 'none'}`,
    );
  }
  const flat = name !== '' || inputs['merge-multiple'] === 'true';
  for (const each of found) {
    cpSync(join(root, each), flat ? target : join(target, each), { recursive: true });
    log(`Artifact ${each} was downloaded`);
  }
  setOutput('download-path', target);
}

/** `actions/upload-artifact` as a copy into the run's storage. */
export const uploadArtifactAction: BuiltinAction = {
  inputs: {
    name: 'artifact',
    path: '',
    'if-no-files-found': 'warn',
    'retention-days': '',
    'compression-level': '6',
    overwrite: 'false',
    'include-hidden-files': 'false',
  },
  run: upload,
};

/** `actions/download-artifact` as a copy out of a run's storage. */
export const downloadArtifactAction: BuiltinAction = {
  inputs: {
    name: '',
    'artifact-ids': '',
    path: '',
    pattern: '',
    'merge-multiple': 'false',
    'github-token': '',
    repository: '',
    'run-id': '',
  },
  run: download,
};
