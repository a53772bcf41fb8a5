/** A member deep in a webhook payload; undefined when some part of the way is not there. */
export const memberOf = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], value);

/** The same as text; empty when it is none. */
export const textOf = (value: unknown, ...path: string[]): string => {
  const found = memberOf(value, ...path);
  return typeof found === 'string' ? found : '';
};
