import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runTool } from '../tool.js';
import type { BuiltinAction, BuiltinContext } from './action.js';
import { checkedAction, free } from './checked.js';

/** The tool of this machine, first on PATH by the names that the action gives it; resolves its version. */
async function offer(
  { temp, path, addPath, log }: BuiltinContext,
  { tool, names, version, asked }: { tool: string; names: string[]; version: string[]; asked: string },
): Promise<{ version: string; path: string }> {
  const env = { PATH: path };
  const where = (await runTool('sh', ['-c', `command -v ${tool}`], { env })).stdout.trim();
  if (where === '')
    throw new Error(`'${tool}' is not on the PATH of this machine: install it, or give a stand-in`);
  const folder = join(temp, `setup-${tool}`);
  mkdirSync(folder, { recursive: true });
  // Used a second time, it finds what the first time put on the PATH.
  if (dirname(where) !== folder) for (const name of names) symlinkSync(where, join(folder, name));
  addPath(folder);
  const { stdout } = await runTool(where, version, { env });
  const found = /\d+(?:\.\d+)+/.exec(stdout)?.[0] ?? '';
  log(`Asked for ${tool} ${asked || 'of any version'}; this machine has ${found}, and that is used`);
  return { version: found, path: join(folder, names[0] ?? tool) };
}

/** `actions/setup-python` without a download. */
export const setupPythonAction: BuiltinAction = checkedAction(
  {
    ...free('python-version', 'python-version-file', 'architecture', 'check-latest', 'token'),
    ...free(
      'cache-dependency-path',
      'update-environment',
      'allow-prereleases',
      'freethreaded',
      'pip-version',
    ),
    ...free('pip-install'),
    cache: { allowed: ['pip', 'pipenv', 'poetry'] },
  },
  async (context) => {
    const asked = context.inputs['python-version'] ?? '';
    const names = ['python', 'python3'];
    const python = await offer(context, { tool: 'python3', names, version: ['--version'], asked });
    context.setOutput('python-version', python.version);
    context.setOutput('python-path', python.path);
    if (context.inputs['cache'] !== '') context.setOutput('cache-hit', 'false');
  },
);

/** `actions/setup-go` without a download. */
export const setupGoAction: BuiltinAction = checkedAction(
  {
    ...free(
      'go-version',
      'go-version-file',
      'check-latest',
      'token',
      'cache-dependency-path',
      'architecture',
    ),
    ...free('go-download-base-url'),
    cache: { default: 'true', allowed: ['true', 'false'] },
  },
  async (context) => {
    const asked = context.inputs['go-version'] ?? '';
    const go = await offer(context, { tool: 'go', names: ['go'], version: ['version'], asked });
    context.setOutput('go-version', go.version);
    context.setOutput('cache-hit', 'false');
  },
);

/** `pnpm/action-setup` without a download; it wants to be told the version in one of the two places. */
export const setupPnpmAction: BuiltinAction = checkedAction(
  {
    package_json_file: { default: 'package.json' },
    ...free('version', 'dest', 'run_install', 'cache', 'cache_dependency_path', 'standalone'),
  },
  async (context) => {
    const { inputs, workspace, setOutput } = context;
    const file = join(workspace, inputs['package_json_file'] ?? '');
    const read = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { packageManager?: string })
      : {};
    const asked = inputs['version'] || read.packageManager?.replace(/^pnpm@/, '') || '';
    if (asked === '') {
      throw new Error(
        `No pnpm version is specified. Fix: give  version:  or "packageManager": "pnpm@…" in ${inputs['package_json_file']}`,
      );
    }
    const pnpm = await offer(context, { tool: 'pnpm', names: ['pnpm'], version: ['--version'], asked });
    setOutput('bin_dest', dirname(pnpm.path));
  },
);

const credentials = free('cli_config_credentials_hostname', 'cli_config_credentials_token');
const wrapper = { default: 'true', allowed: ['true', 'false'] };

/** `hashicorp/setup-terraform` without a download. Its wrapper, which hides exit codes, is not played. */
export const setupTerraformAction: BuiltinAction = checkedAction(
  { ...credentials, ...free('terraform_version'), terraform_wrapper: wrapper },
  async (context) => {
    if (context.inputs['terraform_wrapper'] !== 'false')
      throw new Error('the wrapper is not played here. Fix: terraform_wrapper: false');
    const asked = context.inputs['terraform_version'] ?? '';
    await offer(context, { tool: 'terraform', names: ['terraform'], version: ['-version'], asked });
  },
);

/** `opentofu/setup-opentofu` without a download; its wrapper is not played. */
export const setupOpentofuAction: BuiltinAction = checkedAction(
  {
    ...credentials,
    ...free('tofu_version', 'tofu_version_file', 'github_token', 'checksums', 'provider_acceptance_tests'),
    tofu_wrapper: wrapper,
    cache: { default: 'false', allowed: ['true', 'false'] },
  },
  async (context) => {
    if (context.inputs['tofu_wrapper'] !== 'false')
      throw new Error('the wrapper is not played here. Fix: tofu_wrapper: false');
    const asked = context.inputs['tofu_version'] ?? '';
    await offer(context, { tool: 'tofu', names: ['tofu'], version: ['-version'], asked });
  },
);

/** `open-policy-agent/setup-opa` without a download. */
export const setupOpaAction: BuiltinAction = checkedAction(
  { ...free('version', 'github-token', 'mirror'), static: { default: 'false', allowed: ['true', 'false'] } },
  async (context) => {
    const asked = context.inputs['version'] ?? '';
    await offer(context, { tool: 'opa', names: ['opa'], version: ['version'], asked });
  },
);
