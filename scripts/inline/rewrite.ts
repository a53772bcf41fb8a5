import { isSeq, parseDocument, visit, type YAMLMap } from 'yaml';
import { withoutOwnNames, type Suite } from './called-copy.js';
import { conditionOf, isConstant, type Replace } from './condition.js';
import { isTruthy, partsOf, pathOf, print, textLiteral, type Expression } from './expression.js';
import { isText, keyOf, textAt } from './nodes.js';
import { constantJson, expressionsIn, resolveTemplate } from './template.js';

/** Puts replacements into a job: its texts, its steps, the names of the suite's own actions. */
export function rewrite(node: YAMLMap, replaceInputs: Replace, suite: Suite): void {
  const steps = node.get('steps');
  const left = new Set<string>();
  const replace: Replace = (part) => {
    const [from, id] = pathOf(part) ?? [];
    return from === 'steps' && left.has(id ?? '') ? textLiteral('') : replaceInputs(part);
  };
  if (isSeq(steps))
    steps.items = steps.items.filter((step) => {
      const kept = keepStep(step as YAMLMap, replace);
      const id = textAt(step as YAMLMap, 'id');
      if (!kept && id !== undefined) left.add(id);
      return kept;
    });
  withoutOwnNames(node, suite);
  visit(node, {
    Pair: (_, pair) => {
      const value = pair.value;
      if (!isText(value)) return undefined;
      if (keyOf(pair) === 'if') return visit.SKIP;
      const text = resolveTemplate(value.value, replace);
      const data = text === value.value ? undefined : constantJson(text);
      if (data === undefined) value.value = text;
      else pair.value = parseDocument(JSON.stringify(data)).contents;
      return undefined;
    },
  });
}

/** Works out the condition of a step; false when the step never runs. */
function keepStep(step: YAMLMap, replace: Replace): boolean {
  const condition = conditionOf(step, replace);
  if (condition === undefined) return true;
  if (!isConstant(condition)) {
    step.set('if', print(condition));
    return true;
  }
  step.delete('if');
  return isTruthy(condition);
}

/** The jobs whose results or outputs the texts of a job ask for. */
export function neededIn(node: YAMLMap): string[] {
  const found: string[] = [];
  visit(node, {
    Scalar: (_, scalar) => {
      if (typeof scalar.value !== 'string' || !scalar.value.includes('${{')) return;
      for (const expression of expressionsIn(scalar.value)) collect(expression);
    },
  });
  return found;
  function collect(expression: Expression): void {
    const [from, job] = pathOf(expression) ?? [];
    if (from === 'needs' && job !== undefined) found.push(job);
    else partsOf(expression).forEach(collect);
  }
}
