import { LineCounter, parseDocument } from 'yaml';
import type { Place } from '../finding.js';
import { commentsOf } from './comments.js';
import { YamlNode } from './yaml-node.js';

export interface Step {
  readonly node: YamlNode;
  readonly uses: string | undefined;
}

export interface Job {
  readonly id: string;
  readonly place: Place;
  readonly node: YamlNode;
  /** As people and required checks see it. */
  readonly name: string;
  readonly needs: readonly string[];
  /** The reusable workflow it calls. */
  readonly uses: string | undefined;
  readonly steps: readonly Step[];
}

/** A typed input of `workflow_call` or `workflow_dispatch`; its name in lower case, as GitHub compares it. */
export interface Input {
  readonly type: string;
  readonly default: YamlNode | undefined;
}

export type Inputs = ReadonlyMap<string, Input>;

/** `# trap: ignore[rule] reason`, on the line of a finding or on the one above. */
export interface Suppression {
  readonly line: number;
  readonly rules: readonly string[];
  readonly reason: string;
}

export interface Workflow {
  readonly path: string;
  readonly root: YamlNode;
  readonly name: string;
  readonly events: ReadonlyMap<string, YamlNode>;
  readonly callInputs: Inputs;
  readonly dispatchInputs: Inputs;
  readonly jobs: readonly Job[];
  readonly suppressions: readonly Suppression[];
}

/** A file that is no YAML; the message says where and why. */
export class UnreadableWorkflow extends Error {
  constructor(
    message: string,
    readonly place: Place,
  ) {
    super(message);
  }
}

/** Reads a workflow file. What has another shape than a workflow reads as empty: the schema's tools name that. */
export function readWorkflow(path: string, source: string): Workflow {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new UnreadableWorkflow(error.message, { line, column: col });
  }
  const root = new YamlNode(document, lines, document.contents);
  const events = readEvents(root.get('on'));
  return {
    path,
    root,
    name: root.get('name')?.text ?? path,
    events,
    callInputs: readInputs(events.get('workflow_call')),
    dispatchInputs: readInputs(events.get('workflow_dispatch')),
    jobs: (root.get('jobs')?.pairs ?? []).map(({ key, keyPlace, value }) => readJob(key, keyPlace, value)),
    suppressions: readSuppressions(source),
  };
}

function readEvents(on: YamlNode | undefined): ReadonlyMap<string, YamlNode> {
  if (on === undefined) return new Map();
  if (on.isMap) return new Map(on.pairs.map(({ key, value }) => [key, value]));
  const names = on.isList ? on.items.map((item) => item.text) : [on.text];
  return new Map(names.filter((name) => name !== undefined).map((name) => [name, on]));
}

function readInputs(event: YamlNode | undefined): Inputs {
  return new Map(
    (event?.get('inputs')?.pairs ?? []).map(({ key, value }) => [
      key.toLowerCase(),
      { type: value.get('type')?.text ?? 'string', default: value.get('default') },
    ]),
  );
}

function readJob(id: string, place: Place, node: YamlNode): Job {
  const needs = node.get('needs');
  return {
    id,
    place,
    node,
    name: node.get('name')?.text ?? id,
    needs: (needs?.isList ? needs.items.map((item) => item.text) : [needs?.text]).filter(
      (need) => need !== undefined,
    ),
    uses: node.get('uses')?.text,
    steps: (node.get('steps')?.items ?? []).map((step) => ({ node: step, uses: step.get('uses')?.text })),
  };
}

const marker = '# trap: ignore[';

function readSuppressions(source: string): Suppression[] {
  return commentsOf(source).flatMap(({ line, text }) => {
    const end = text.indexOf(']');
    if (!text.startsWith(marker) || end < 0) return [];
    const rules = text.slice(marker.length, end).split(',');
    return [{ line, rules: rules.map((rule) => rule.trim()), reason: text.slice(end + 1).trim() }];
  });
}
