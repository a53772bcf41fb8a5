import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding, Place } from '../finding.js';
import type { Stage } from '../stage.js';
import { readWorkflow } from '../workflow/workflow.js';
import { readFileSync } from 'node:fs';
import { run, type Tool } from './tool.js';

interface Fault {
  readonly filename: string;
  readonly path: string;
  readonly message: string;
  readonly best_match?: { readonly path: string; readonly message: string };
}

interface Report {
  readonly errors: readonly Fault[];
  readonly parse_errors?: readonly { readonly filename: string; readonly message: string }[];
}

/** The published JSON Schemas of workflows, Dependabot's file and issue forms, as check-jsonschema brings them. */
export const jsonSchema = (bin: string): Tool => ({
  name: 'schema',
  async find(stage) {
    const forms = join('.github', 'ISSUE_TEMPLATE');
    const config = join(forms, 'config.yml');
    const dependabot = join('.github', 'dependabot.yml');
    const there = (file: string) => existsSync(join(stage.root, file));
    const formFiles = there(forms)
      ? readdirSync(join(stage.root, forms)).map((name) => join(forms, name))
      : [];
    const found = [
      await check(bin, stage, 'vendor.github-workflows', stage.files),
      await check(bin, stage, 'vendor.dependabot', [dependabot].filter(there)),
      await check(bin, stage, 'vendor.github-issue-config', [config].filter(there)),
      await check(
        bin,
        stage,
        'vendor.github-issue-forms',
        formFiles.filter((file) => file.endsWith('.yml') && file !== config),
      ),
    ];
    return found.flat();
  },
});

async function check(
  bin: string,
  stage: Stage,
  schema: string,
  files: readonly string[],
): Promise<Finding[]> {
  if (files.length === 0) return [];
  const args = ['--builtin-schema', schema, '--output-format', 'json', ...files];
  const out = await run(join(bin, 'check-jsonschema'), args, stage.root, (code) => code === 0 || code === 1);
  const { errors, parse_errors: unread = [] } = JSON.parse(out) as Report;
  return [
    ...errors.map(({ filename, path, message, best_match: best }) => ({
      file: stage.shown(filename),
      ...placeOf(join(stage.root, filename), best?.path ?? path),
      tool: 'schema',
      rule: schema,
      message: `${best?.path ?? path}: ${best?.message ?? message}`,
    })),
    ...unread.map(({ filename, message }) => ({
      file: stage.shown(filename),
      line: 1,
      column: 1,
      tool: 'schema',
      rule: schema,
      message,
    })),
  ];
}

/** The place of the deepest node on a path such as `$.jobs.build` that is there. */
function placeOf(file: string, path: string): Place {
  let { root } = readWorkflow(file, readFileSync(file, 'utf8'));
  for (const key of path.split('.').slice(1)) {
    const next = root.get(key);
    if (next === undefined) break;
    root = next;
  }
  return root.place;
}
