import { bounded } from '../../../../shared/probes/evaluators/bounded.js';

/** What came of an expression: its truth, or why it has none. */
export type Judged = { is: 'held'; value: boolean } | { is: 'error'; reason: string };

/** How long one expression may take, in milliseconds: its patterns may backtrack over texts of others. */
const expressionMs = 1_000;

/**
 * Loads the engine of the Common Expression Language (cel.dev). Expressions reach nothing but what they are given; names
 * that are not there are found before anything is evaluated.
 */
export async function loadCel(): Promise<(expression: string, variables: Record<string, unknown>) => Judged> {
  const { Environment } = await import('@marcbachmann/cel-js');
  return (expression, variables) => {
    const given = toCel(variables) as Record<string, unknown>;
    const environment = new Environment({ unlistedVariablesAreDyn: false });
    for (const name of Object.keys(given)) environment.registerVariable(name, 'dyn');
    try {
      const evaluate = environment.parse(expression);
      const { valid, error } = evaluate.check();
      if (!valid) return { is: 'error', reason: firstLine(error?.message ?? 'it is not valid') };
      const result = bounded(expressionMs, () => evaluate(given) as unknown);
      if (!result.ok) return { is: 'error', reason: result.reason };
      if (typeof result.value !== 'boolean')
        return { is: 'error', reason: 'it gives neither true nor false. Fix: compare with something' };
      return { is: 'held', value: result.value };
    } catch (error) {
      return { is: 'error', reason: firstLine((error as Error).message) };
    }
  };
}

/** Whole numbers are int in CEL, so that `x.added + 1` has a meaning; what is not there is no field. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, toCel(field)]));
}

const firstLine = (text: string) => text.split('\n')[0]!;
