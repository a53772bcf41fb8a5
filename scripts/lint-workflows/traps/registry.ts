import type { Finding } from '../finding.js';
import type { Tree } from '../workflow/tree.js';
import type { Suppression, Workflow } from '../workflow/workflow.js';
import { aggregator } from './aggregator.js';
import { artifactClash } from './artifact-clash.js';
import { concurrencyDeadlock } from './concurrency-deadlock.js';
import { mergeGroup } from './merge-group.js';
import { quotedLiteral } from './quoted-literal.js';
import { requiredPaths } from './required-paths.js';
import type { Trap } from './trap.js';
import { untypedExpression } from './untyped-expression.js';

export const traps: readonly Trap[] = [
  concurrencyDeadlock,
  quotedLiteral,
  untypedExpression,
  artifactClash,
  aggregator,
  requiredPaths,
  mergeGroup,
];

const tool = 'trap';

/** What all traps find in a repository. A suppression needs a reason, and one that suppresses nothing is a finding. */
export function catchIn(tree: Tree): Finding[] {
  return tree.workflows.flatMap((workflow) => {
    const found = traps.flatMap((trap) =>
      [...trap.catch(workflow, tree)].map(({ place, message, fix }) => ({
        file: workflow.path,
        ...place,
        tool,
        rule: trap.name,
        message,
        fix,
      })),
    );
    const kept = found.filter((finding) => !workflow.suppressions.some((one) => covers(one, finding)));
    return [...kept, ...workflow.suppressions.flatMap((one) => doubt(one, found, workflow))];
  });
}

function covers({ line, rules, reason }: Suppression, finding: Finding): boolean {
  return (
    reason !== '' && rules.includes(finding.rule) && (line === finding.line || line === finding.line - 1)
  );
}

function doubt(suppression: Suppression, found: readonly Finding[], { path }: Workflow): Finding[] {
  const at = { file: path, line: suppression.line, column: 1, tool, rule: 'suppression' };
  if (suppression.reason === '') {
    return [
      { ...at, message: 'This suppression gives no reason.', fix: 'write the reason after the bracket' },
    ];
  }
  const idle = suppression.rules.filter(
    (rule) => !found.some((finding) => covers({ ...suppression, rules: [rule] }, finding)),
  );
  if (idle.length === 0) return [];
  return [
    { ...at, message: `Nothing is found here for ${idle.join(', ')}.`, fix: 'remove it from the comment' },
  ];
}
