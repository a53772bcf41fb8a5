import { byPlace, type Finding } from './finding.js';
import type { Stage } from './stage.js';
import type { Tool } from './tools/tool.js';
import { catchIn } from './traps/registry.js';

/** What all linters and our own traps find in a stage, by place. */
export async function lint(stage: Stage, tools: readonly Tool[]): Promise<Finding[]> {
  const found = await Promise.all(tools.map((tool) => tool.find(stage)));
  return [...stage.unreadable, ...catchIn(stage.tree), ...found.flat()].sort(byPlace);
}
