import type { BuiltinAction, BuiltinContext } from './action.js';

/** What an input of an action may be, as its `action.yml` and its code say. */
export interface InputRule {
  default?: string;
  required?: true;
  allowed?: readonly string[] | RegExp;
  /** Several values, between commas or in lines. */
  list?: true;
}

function problemOf(name: string, value: string, { required, allowed, list }: InputRule): string | undefined {
  if (value.trim() === '') return required ? `Input required and not supplied: ${name}` : undefined;
  const values = list
    ? value
        .split(/[,\n]/)
        .map((item) => item.trim())
        .filter((item) => item !== '')
    : [value];
  const wrong = values.find((item) =>
    allowed instanceof RegExp ? !allowed.test(item) : allowed !== undefined && !allowed.includes(item),
  );
  if (wrong === undefined) return undefined;
  const expected = allowed instanceof RegExp ? String(allowed) : allowed?.join(', ');
  return `Input ${name} is '${wrong}'; allowed: ${expected}`;
}

/** Inputs without any rule. */
export const free = (...names: string[]): Record<string, InputRule> =>
  Object.fromEntries(names.map((name) => [name, {}]));

/** A stand-in that refuses, all at once, what the real action would not understand. */
export function checkedAction(
  rules: Record<string, InputRule>,
  run: (context: BuiltinContext) => Promise<void>,
): BuiltinAction {
  return {
    inputs: Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, rule.default ?? ''])),
    run: (context) => {
      const problems = Object.entries(rules).flatMap(
        ([name, rule]) => problemOf(name, context.inputs[name] ?? '', rule) ?? [],
      );
      if (problems.length > 0) throw new Error(problems.join('\n'));
      return run(context);
    },
  };
}
