import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../tool.js';
import type { BuiltinAction } from './action.js';

/** `actions/setup-node` without a download: the run's own node comes first on PATH, whatever version is asked for. */
export const setupNodeAction: BuiltinAction = {
  inputs: Object.fromEntries(
    [
      'node-version',
      'node-version-file',
      'architecture',
      'check-latest',
      'registry-url',
      'scope',
      'token',
      'cache',
      'package-manager-cache',
      'cache-dependency-path',
    ].map((name) => [name, '']),
  ),
  run: async ({ node, temp, addPath, setOutput }) => {
    const folder = join(temp, 'setup-node');
    mkdirSync(folder, { recursive: true });
    rmSync(join(folder, 'node'), { force: true });
    symlinkSync(node, join(folder, 'node'));
    addPath(folder);
    const { stdout } = await runTool(node, ['--version']);
    setOutput('node-version', stdout.trim());
    setOutput('cache-hit', 'false');
  },
};
