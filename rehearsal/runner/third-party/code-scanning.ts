import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../message-of.js';
import type { BuiltinAction, BuiltinContext } from './action.js';
import { checkedAction, free } from './checked.js';

/** GitHub docs, "About code scanning with CodeQL". */
const languages = (
  'actions c-cpp csharp go java-kotlin javascript-typescript python ruby rust swift ' +
  'c cpp java kotlin javascript typescript'
).split(' ');

const upload = free('checkout_path', 'ref', 'sha', 'token', 'matrix', 'category', 'wait-for-processing');

/** The API takes results from a token that writes security events alone, which that of a fork does not. */
function mayUpload({ permissions }: BuiltinContext): void {
  if (permissions['security-events'] === 'write') return;
  throw new Error(
    'Resource not accessible by integration. The job needs  security-events: write  and the pull request of a fork never has it',
  );
}

interface Sarif {
  version?: string;
  runs?: { results?: unknown[] }[];
}

function resultsIn(file: string): number {
  let sarif: Sarif;
  try {
    sarif = JSON.parse(readFileSync(file, 'utf8')) as Sarif;
  } catch (error) {
    throw new Error(`Invalid SARIF. JSON syntax error: ${file}: ${messageOf(error)}`);
  }
  if (sarif.version !== '2.1.0' || !Array.isArray(sarif.runs))
    throw new Error(`Invalid SARIF. ${file}: version 2.1.0 with runs was expected`);
  return sarif.runs.reduce((sum, { results = [] }) => sum + results.length, 0);
}

/** `github/codeql-action/upload-sarif`: looks at what it would upload. */
export const uploadSarifAction: BuiltinAction = checkedAction(
  { sarif_file: { default: '../results' }, ...upload },
  async (context) => {
    const { inputs, workspace, setOutput, log } = context;
    const path = resolve(workspace, inputs['sarif_file'] ?? '');
    if (!existsSync(path)) throw new Error(`Path does not exist: ${path}`);
    const files = statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith('.sarif'))
          .map((name) => join(path, name))
      : [path];
    if (files.length === 0) throw new Error(`No SARIF files found to upload in "${path}".`);
    const results = files.reduce((sum, file) => sum + resultsIn(file), 0);
    mayUpload(context);
    setOutput('sarif-id', `${context.runId}-${files.length}`);
    log(`Uploaded ${results} results of ${files.length} files as category '${inputs['category'] ?? ''}'`);
  },
);

const database = ({ temp }: BuiltinContext) => join(temp, 'codeql');

/** `github/codeql-action/init`: only remembers that it ran. */
export const codeqlInitAction: BuiltinAction = checkedAction(
  {
    languages: { list: true, allowed: languages },
    'build-mode': { allowed: ['none', 'autobuild', 'manual'] },
    ...free(
      'tools',
      'token',
      'matrix',
      'config-file',
      'config',
      'db-location',
      'queries',
      'packs',
      'registries',
    ),
    ...free(
      'external-repository-token',
      'setup-python-dependencies',
      'source-root',
      'ram',
      'threads',
      'debug',
    ),
    ...free(
      'debug-artifact-name',
      'debug-database-name',
      'trap-caching',
      'quality-queries',
      'analysis-kinds',
    ),
    ...free('dependency-caching'),
  },
  async (context) => {
    mkdirSync(database(context), { recursive: true });
  },
);

/** `github/codeql-action/analyze`: finds nothing, and uploads that. */
export const codeqlAnalyzeAction: BuiltinAction = checkedAction(
  {
    output: { default: '../results' },
    upload: { default: 'always', allowed: ['always', 'failure-only', 'never', 'true', 'false'] },
    ...free(
      'check_name',
      'cleanup-level',
      'ram',
      'add-snippets',
      'skip-queries',
      'threads',
      'upload-database',
    ),
    ...free('expect-error'),
    ...upload,
  },
  async (context) => {
    const { inputs, workspace, setOutput, log } = context;
    if (!existsSync(database(context))) {
      throw new Error(
        "Config file could not be found at expected location. Did the 'init' action fail to start?",
      );
    }
    const output = resolve(workspace, inputs['output'] ?? '');
    mkdirSync(output, { recursive: true });
    writeFileSync(
      join(output, 'rehearsal.sarif'),
      JSON.stringify({ version: '2.1.0', runs: [{ results: [] }] }),
    );
    setOutput('sarif-output', output);
    if (!['always', 'true'].includes(inputs['upload'] ?? '')) return log('Not uploaded');
    mayUpload(context);
    log(`Uploaded 0 results as category '${inputs['category'] ?? ''}': nothing is analysed in a rehearsal`);
  },
);
