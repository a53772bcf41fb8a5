import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { positions } from './expression/positions.js';
import { actionShape, compositeRuns, type ActionShape } from './action-shape.js';
import { checkIds, compositeStep, readStep } from './read-step.js';
import { remembered } from './remembered.js';
import type { Step } from './workflow.js';
import { WorkflowError, WorkflowReader, type Templates } from './workflow-reader.js';

interface BaseManifest {
  folder: string;
  inputs: Record<string, { default?: string | undefined; deprecationMessage?: string | undefined }>;
}

/** A JavaScript action as its `action.yml` declares it. */
export interface JavaScriptManifest extends BaseManifest {
  kind: 'javascript';
  main: string;
  pre?: { script: string; condition: string };
  post?: { script: string; condition: string };
}

/** A composite action: steps of its own in the job of its caller. */
export interface CompositeManifest extends BaseManifest {
  kind: 'composite';
  steps: Step[];
  outputs: Templates;
}

export type ActionManifest = JavaScriptManifest | CompositeManifest;

/** Reads `action.yml` or `action.yaml` of a folder; throws, with every problem in it, what GitHub would refuse. */
export function readManifest(folder: string): ActionManifest {
  const file = ['action.yml', 'action.yaml']
    .map((name) => join(folder, name))
    .find((path) => existsSync(path));
  if (file === undefined)
    throw new Error(`Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '${folder}'`);
  return { folder, ...readText(file, readFileSync(file, 'utf8')) };
}

type Declared = Omit<JavaScriptManifest, 'folder'> | Omit<CompositeManifest, 'folder'>;

const readText: (file: string, text: string) => Declared = remembered(64, (file, text) => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reader = new WorkflowReader(file, document, lines);
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new Error(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`);
  const read = actionShape.safeParse(document.toJS());
  if (!read.success) {
    read.error.issues.forEach((issue) => reader.issue(issue));
    throw new WorkflowError(reader.problems);
  }
  const manifest =
    read.data.runs.using.toLowerCase() === 'composite'
      ? composite(reader, read.data)
      : javaScript(reader, read.data);
  if (reader.problems.length > 0) throw new WorkflowError(reader.problems);
  return { inputs: inputsOf(read.data), ...manifest };
});

const inputsOf = ({ inputs }: ActionShape): BaseManifest['inputs'] =>
  Object.fromEntries(Object.entries(inputs ?? {}).map(([name, input]) => [name, input ?? {}]));

function javaScript(
  reader: WorkflowReader,
  { runs }: ActionShape,
): Omit<JavaScriptManifest, keyof BaseManifest> {
  if (!/^node\d+$/.test(runs.using)) {
    reader.problem(
      ['runs', 'using'],
      `'${runs.using}': only JavaScript actions (node24) and composite ones are served here`,
    );
  } else if (runs.main === undefined) reader.problem(['runs'], 'Required property is missing: main');
  return {
    kind: 'javascript',
    main: runs.main ?? '',
    ...(runs.pre !== undefined && { pre: { script: runs.pre, condition: runs['pre-if'] ?? 'always()' } }),
    ...(runs.post !== undefined && { post: { script: runs.post, condition: runs['post-if'] ?? 'always()' } }),
  };
}

function composite(
  reader: WorkflowReader,
  { runs, outputs }: ActionShape,
): Omit<CompositeManifest, keyof BaseManifest> {
  const read = compositeRuns.safeParse(runs);
  for (const issue of read.error?.issues ?? []) reader.issue({ ...issue, path: ['runs', ...issue.path] });
  const steps = read.data?.steps ?? [];
  checkIds(reader, ['runs', 'steps'], steps);
  return {
    kind: 'composite',
    steps: steps.map((step, index) =>
      readStep(reader, ['runs', 'steps', index], step, { index, ...compositeStep }),
    ),
    outputs: Object.fromEntries(
      Object.entries(outputs ?? {}).map(([name, output]) => [
        name,
        reader.template(['outputs', name, 'value'], output?.value ?? '', positions.actionOutput),
      ]),
    ),
  };
}
