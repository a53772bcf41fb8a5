import { parseText } from '../workflow/expression.js';
import { typesOf, type ValueType } from '../workflow/value-types.js';
import { typedInputs, type TypedInput } from './typed-inputs.js';
import type { Trap } from './trap.js';
import type { Workflow } from '../workflow/workflow.js';

/** An expression that is, or can be, a text or nothing, for a boolean or number input: outputs and vars are texts. */
export const untypedExpression: Trap = {
  name: 'untyped-expression',
  *catch(workflow, tree) {
    for (const input of typedInputs(workflow, tree)) {
      const wrong = wrongTypes(input, workflow);
      if (wrong.length === 0) continue;
      const text = input.value.text ?? '';
      yield {
        place: input.value.place,
        message:
          `Input "${input.name}" of ${input.callee.path} is a ${input.type}, and ${text} can be ` +
          `${wrong.map(describe).join(' or ')}. GitHub refuses the run when it gets there.`,
        fix: fixOf(input, text, wrong),
      };
    }
  },
};

function wrongTypes({ value, type, job }: TypedInput, workflow: Workflow): ValueType[] {
  const text = value.text ?? '';
  if (!text.includes('${{')) return [];
  const parts = parseText(text);
  if (parts === undefined) return [];
  const [first] = parts;
  if (parts.length > 1 || typeof first !== 'object') return ['string'];
  return [...typesOf(first, job, workflow)].filter((given) => given !== type && given !== 'any');
}

const describe = (type: ValueType) => (type === 'null' ? 'nothing (not every trigger has it)' : `a ${type}`);

function fixOf({ name, type }: TypedInput, text: string, wrong: readonly ValueType[]): string {
  const inner = text.trim().startsWith('${{') ? text.trim().slice(3, -2).trim() : text;
  if (type === 'number') return `write  ${name}: \${{ fromJSON(${inner}) }}`;
  if (wrong.every((given) => given === 'null')) return `write  ${name}: \${{ ${inner} || false }}`;
  // Of an expression with || or && only the last part would be compared.
  const whole = /\|\||&&/.test(inner) ? `(${inner})` : inner;
  return `write  ${name}: \${{ ${whole} == 'true' }}  or make the input a string`;
}
