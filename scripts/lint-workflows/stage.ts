import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseDocument, visit } from 'yaml';
import type { Finding, Place } from './finding.js';
import type { Tree } from './workflow/tree.js';
import { readWorkflow, UnreadableWorkflow, type Workflow } from './workflow/workflow.js';

/** One repository as the linters see it: a folder with `.github/`, and the paths by which people know its files. */
export interface Stage {
  readonly root: string;
  /** Paths of the workflow files, relative to the root. */
  readonly files: readonly string[];
  /** Path for people of a path relative to the root. */
  shown(file: string): string;
  readonly tree: Tree;
  /** Files that are no YAML. */
  readonly unreadable: readonly Finding[];
}

const workflowFolder = join('.github', 'workflows');
/** What a stage has of its own. */
const ownEntries = ['.git', '.github'];
const isYaml = (name: string) => name.endsWith('.yml') || name.endsWith('.yaml');

/** What the templates are published with, and what a platform team puts in its place. */
const placeholder = 'org/devops-actions/';
const pinned = '0123456789abcdef0123456789abcdef01234567';

/** Copies the `.github` folder of a repository, and links what lies beside it: actions of its own can be anywhere. */
export function stageRepository(repository: string, root: string, suite?: Tree, shownAs = repository): Stage {
  emptied(root);
  cpSync(join(repository, '.github'), join(root, '.github'), { recursive: true });
  for (const name of readdirSync(repository).filter((entry) => !ownEntries.includes(entry))) {
    symlinkSync(resolve(repository, name), join(root, name));
  }
  const shown = (file: string) => join(shownAs, file);
  return readStage(root, shown, suite);
}

/** Puts the templates of a folder where a team copies them to, pinned to a commit. */
export function stageTemplates(folder: string, root: string, suite: Tree): Stage {
  emptied(root);
  mkdirSync(join(root, workflowFolder), { recursive: true });
  for (const name of readdirSync(folder).filter(isYaml)) {
    writeFileSync(join(root, workflowFolder, name), pinSuite(readFileSync(join(folder, name), 'utf8')));
  }
  const shown = (file: string) => file.replace(workflowFolder, folder);
  return readStage(root, shown, suite);
}

/** The template with a commit in place of the ref of the suite's actions and workflows. */
export function pinSuite(source: string): string {
  const ends: [from: number, to: number][] = [];
  visit(parseDocument(source), {
    Pair(_, { key, value }) {
      const uses = value as { value?: unknown; range?: [number, number, number] } | null;
      if (String(key) !== 'uses' || typeof uses?.value !== 'string' || !uses.range) return;
      if (!uses.value.startsWith(placeholder) || !uses.value.includes('@')) return;
      const from = source.indexOf('@', uses.range[0]) + 1;
      ends.push([from, from + uses.value.length - uses.value.indexOf('@') - 1]);
    },
  });
  return ends.reduceRight((text, [from, to]) => text.slice(0, from) + pinned + text.slice(to), source);
}

function emptied(root: string): void {
  rmSync(root, { recursive: true, force: true });
  // actionlint resolves called workflows only in a folder that looks like a repository.
  mkdirSync(join(root, '.git'), { recursive: true });
}

function readStage(root: string, shown: Stage['shown'], suite?: Tree): Stage {
  const folder = join(root, workflowFolder);
  const names = existsSync(folder) ? readdirSync(folder).filter(isYaml).sort() : [];
  const files = names.map((name) => join(workflowFolder, name));
  const unreadable: Finding[] = [];
  const workflows: Workflow[] = [];
  for (const file of files) {
    try {
      workflows.push(readWorkflow(shown(file), readFileSync(join(root, file), 'utf8')));
    } catch (error) {
      if (!(error instanceof UnreadableWorkflow)) throw error;
      unreadable.push(unreadableFinding(shown(file), error.place, error.message));
    }
  }
  const tree = { workflows, requiredChecks: requiredChecksIn(root), ...(suite ? { suite } : {}) };
  return { root, files, shown, tree, unreadable };
}

const unreadableFinding = (file: string, place: Place, message: string): Finding => ({
  file,
  ...place,
  tool: 'trap',
  rule: 'yaml',
  message: `This is no YAML: ${message}`,
});

interface Ruleset {
  readonly rules?: readonly {
    readonly type?: string;
    readonly parameters?: { readonly required_status_checks?: readonly { readonly context?: string }[] };
  }[];
}

/** Names of required checks in rulesets that the repository keeps as GitHub exports them. */
function requiredChecksIn(root: string): string[] {
  const folder = join(root, '.github', 'rulesets');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as Ruleset).rules ?? [])
    .flatMap(({ parameters }) => parameters?.required_status_checks ?? [])
    .map(({ context }) => context)
    .filter((context) => context !== undefined);
}
