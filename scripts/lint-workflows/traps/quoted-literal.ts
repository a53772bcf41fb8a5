import { typeOfScalar } from '../workflow/value-types.js';
import { typedInputs } from './typed-inputs.js';
import type { Trap } from './trap.js';

/** A literal of the wrong type for a boolean or number input: `'false'` in quotes, `yes`, `1`. */
export const quotedLiteral: Trap = {
  name: 'quoted-literal',
  *catch(workflow, tree) {
    for (const { name, type, value, callee } of typedInputs(workflow, tree)) {
      const text = value.text ?? '';
      const given = typeOfScalar(value.scalar);
      if (given === type || given === 'any' || text.includes('${{')) continue;
      yield {
        place: value.place,
        message:
          `Input "${name}" of ${callee.path} is a ${type}, and this is ` +
          `${given === 'null' ? 'nothing' : `the ${given} "${text}"`}. GitHub refuses the whole run.`,
        fix: fixOf(name, type, text),
      };
    }
  },
};

function fixOf(name: string, type: 'boolean' | 'number', text: string): string {
  const allowed =
    type === 'boolean' ? ['true', 'false'] : Number.isFinite(Number(text)) && text ? [text] : [];
  const meant = allowed.find((value) => value === text.toLowerCase());
  if (meant !== undefined) return `write  ${name}: ${meant}  without quotes`;
  return type === 'boolean' ? `write  ${name}: true  or  ${name}: false` : `write a number without quotes`;
}
