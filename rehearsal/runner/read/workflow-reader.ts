import { isMap, isNode, isScalar, type Document, type LineCounter } from 'yaml';
import type * as z from 'zod';
import { messageOf } from '../message-of.js';
import { compileCondition, compileTemplate, type Template } from './expression/expressions.js';
import type { Position } from './expression/positions.js';
import { notOfCalls, outOfScope, permissionNames } from './workflow-shape.js';

export type Templates = Record<string, Template>;

/** Everything wrong with a workflow or a request, one line each as `file:line: what`. */
export class WorkflowError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Collects problems with the line they are on. */
export class WorkflowReader {
  readonly problems: string[] = [];

  constructor(
    private readonly path: string,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  /** Line of the key, or of the list item, that the path leads to; of its nearest parent when it is not there. */
  line(at: readonly PropertyKey[]): number {
    for (let depth = at.length; depth > 0; depth--) {
      const parent = this.document.getIn(at.slice(0, depth - 1), true);
      const pair = isMap(parent)
        ? parent.items.find(({ key }) => isScalar(key) && key.value === at[depth - 1])
        : undefined;
      const node = pair?.key ?? this.document.getIn(at.slice(0, depth), true);
      if (isNode(node) && node.range) return this.lines.linePos(node.range[0]).line;
    }
    return 1;
  }

  problem(at: readonly PropertyKey[], what: string): void {
    this.problems.push(`${this.path}:${this.line(at)}: ${at.map(String).join('.')}: ${what}`);
  }

  issue(issue: z.core.$ZodIssue): void {
    if (issue.code !== 'unrecognized_keys') return this.problem(issue.path, issue.message);
    for (const key of issue.keys) this.problem([...issue.path, key], this.unknown(issue.path, key));
  }

  private unknown(at: readonly PropertyKey[], key: string): string {
    if (at.at(-1) === 'permissions')
      return `there is no such permission; there are ${permissionNames.join(', ')}`;
    if (at[0] === 'runs') return `Unexpected value '${key}'`;
    if (at.length === 2 && this.document.hasIn([...at, 'uses']) && notOfCalls.includes(key))
      return 'a job that calls a workflow may not have this key: write it into the called workflow';
    return outOfScope[key] ?? 'this runner does not know the key';
  }

  template(at: PropertyKey[], source: string, position: Position): Template {
    return this.try(at, () => compileTemplate(source, position));
  }

  condition(at: PropertyKey[], source: string | undefined, position: Position): Template {
    return this.try(at, () => compileCondition(source, position));
  }

  templates(at: PropertyKey[], sources: Record<string, string> | undefined, position: Position): Templates {
    return Object.fromEntries(
      Object.entries(sources ?? {}).map(([key, source]) => [
        key,
        this.template([...at, key], source, position),
      ]),
    );
  }

  private try(at: PropertyKey[], read: () => Template): Template {
    try {
      return read();
    } catch (error) {
      this.problem(at, messageOf(error));
      return { source: '', parts: [] };
    }
  }
}
