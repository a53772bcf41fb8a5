import { data, type Expr } from '@actions/expressions';
import { Binary, FunctionCall, Grouping, Literal, Logical, Unary } from '@actions/expressions/ast';
import { pathOf } from './reduce.js';
import type { Job, Workflow } from './workflow.js';
import type { ScalarValue } from './yaml-node.js';

/** What an expression can be; `any` is what cannot be known before a run. */
export type ValueType = 'boolean' | 'number' | 'string' | 'null' | 'any';
export type ValueTypes = ReadonlySet<ValueType>;

const only = (...types: ValueType[]): ValueTypes => new Set(types);

const functionTypes: Readonly<Record<string, ValueType>> = {
  contains: 'boolean',
  startswith: 'boolean',
  endswith: 'boolean',
  success: 'boolean',
  failure: 'boolean',
  cancelled: 'boolean',
  always: 'boolean',
  format: 'string',
  join: 'string',
  tojson: 'string',
  hashfiles: 'string',
};

const inputTypes: Readonly<Record<string, ValueType>> = { boolean: 'boolean', number: 'number' };

/** Every type a value of this expression can have, as the job that uses it sees it. */
export function typesOf(expr: Expr, job: Job, workflow: Workflow): ValueTypes {
  const inner = (part: Expr) => typesOf(part, job, workflow);
  if (expr instanceof Literal) return only(typeOfData(expr.literal));
  if (expr instanceof Grouping) return inner(expr.group);
  if (expr instanceof Unary || expr instanceof Binary) return only('boolean');
  if (expr instanceof Logical) {
    const types = expr.args.map((arg, index) => {
      const isLast = index === expr.args.length - 1;
      return isLast ? [...inner(arg)] : [...inner(arg)].filter((type) => passesOn(expr, arg, type));
    });
    return new Set(types.flat());
  }
  if (expr instanceof FunctionCall) {
    const name = expr.functionName.lexeme.toLowerCase();
    if (name === 'case') {
      const isResult = (index: number) => index % 2 === 1 || index === expr.args.length - 1;
      return new Set(expr.args.filter((_, index) => isResult(index)).flatMap((arg) => [...inner(arg)]));
    }
    return only(functionTypes[name] ?? 'any');
  }
  const path = pathOf(expr);
  return path === undefined ? only('any') : typesOfPath(path, job, workflow);
}

/** Whether `a` of `a || b` (a truthy one) or `a && b` (a falsy one) can be the result. */
function passesOn(expr: Logical, arg: Expr, type: ValueType): boolean {
  if (expr.operator.lexeme === '&&') return true;
  if (type === 'null') return false;
  return !(arg instanceof Literal && arg.literal.coerceString() === '');
}

function typeOfData(value: data.ExpressionData): ValueType {
  if (value instanceof data.BooleanData) return 'boolean';
  if (value instanceof data.NumberData) return 'number';
  if (value instanceof data.StringData) return 'string';
  return value instanceof data.Null ? 'null' : 'any';
}

function typesOfPath(path: string, job: Job, workflow: Workflow): ValueTypes {
  const [context = '', name = '', third = ''] = path.split('.');
  if (context === 'inputs') return typesOfInput(name, workflow);
  if (context === 'vars' || context === 'secrets' || context === 'env') return only('string');
  if (context === 'needs' || context === 'jobs') return only(third === '' ? 'any' : 'string');
  if (context === 'matrix') return typesOfMatrix(name, job);
  if (context === 'github') return typesOfGithub(name, third);
  return only('any');
}

function typesOfGithub(name: string, third: string): ValueTypes {
  // In the payload of an event inputs are texts, even those declared as boolean.
  if (name === 'event') return only(third === 'inputs' ? 'string' : 'any');
  return only(name === 'ref_protected' ? 'any' : 'string');
}

function typesOfInput(name: string, workflow: Workflow): ValueTypes {
  const declared = [workflow.callInputs.get(name), workflow.dispatchInputs.get(name)];
  const types = declared
    .filter((input) => input !== undefined)
    .map(({ type }) => inputTypes[type] ?? 'string');
  if (types.length === 0) return only('any');
  const starters = ['workflow_call', 'workflow_dispatch'] as const;
  const hasOther = [...workflow.events.keys()].some((event) => !starters.some((name) => name === event));
  // An input of another starter does not exist: a push sees nothing where a dispatch sees a boolean.
  const isElsewhereEmpty =
    hasOther || starters.some((event, at) => workflow.events.has(event) && !declared[at]);
  return new Set<ValueType>(isElsewhereEmpty ? [...types, 'null'] : types);
}

function typesOfMatrix(name: string, job: Job): ValueTypes {
  const matrix = job.node.get('strategy')?.get('matrix');
  const rows = [
    ...(matrix?.get(name)?.items ?? []),
    ...(matrix?.get('include')?.items ?? [])
      .map((item) => item.get(name))
      .filter((value) => value !== undefined),
  ];
  const types = rows.map((row) => typeOfScalar(row.scalar));
  return types.length > 0 ? new Set(types) : only('any');
}

export function typeOfScalar(value: ScalarValue | undefined): ValueType {
  if (value === undefined) return 'any';
  if (value === null) return 'null';
  return typeof value as 'boolean' | 'number' | 'string';
}
