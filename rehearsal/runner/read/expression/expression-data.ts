import { data } from '@actions/expressions';

type ExpressionData = ReturnType<data.Dictionary['values']>[number];

/** Values the contexts are built from. `undefined` members are left out. */
export type ContextValue =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly ContextValue[]
  | { readonly [key: string]: ContextValue }
  | ContextDictionary;

/**
 * A dictionary of the expression language. `env` is case-sensitive on Linux, all others are not;
 * keys such as `constructor` are ordinary keys.
 */
export class ContextDictionary extends data.Dictionary {
  private readonly entries = new Map<string, { key: string; value: ExpressionData }>();

  constructor(
    values: Record<string, ContextValue>,
    private readonly caseSensitive = false,
  ) {
    super();
    for (const [key, value] of Object.entries(values)) {
      if (value !== undefined) this.add(key, toExpressionData(value));
    }
  }

  override add(key: string, value: ExpressionData): void {
    this.entries.set(this.fold(key), { key, value });
  }

  override get(key: string): ExpressionData | undefined {
    return this.entries.get(this.fold(key))?.value;
  }

  override values(): ExpressionData[] {
    return [...this.entries.values()].map(({ value }) => value);
  }

  override pairs(): { key: string; value: ExpressionData }[] {
    return [...this.entries.values()];
  }

  private fold(key: string): string {
    return this.caseSensitive ? key : key.toLowerCase();
  }
}

/** Turns a plain value into data of the expression language. */
export function toExpressionData(value: ContextValue): ExpressionData {
  if (value instanceof ContextDictionary) return value;
  if (value === null || value === undefined) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value))
    return new data.Array(...value.map((item: ContextValue) => toExpressionData(item)));
  return new ContextDictionary(value as Record<string, ContextValue>);
}

/** A value of JSON. */
export type PlainValue = string | number | boolean | null | readonly PlainValue[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: PlainValue;
}

/** Turns data of the expression language, such as what `fromJSON` gives, into a plain value. */
export function toPlainValue(value: ExpressionData): PlainValue {
  if (value instanceof data.StringData) return value.value;
  if (value instanceof data.NumberData) return value.number();
  if (value instanceof data.BooleanData) return value.value;
  if (value instanceof data.Array) return value.values().map(toPlainValue);
  if (value instanceof data.Dictionary)
    return Object.fromEntries(value.pairs().map(({ key, value: item }) => [key, toPlainValue(item)]));
  return null;
}
