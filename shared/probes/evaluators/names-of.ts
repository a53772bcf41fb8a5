/**
 * The names of a CommonJS module that was imported: bundlers differ in whether they stand in the module or in its
 * default.
 */
export function namesOf<T extends object>(loaded: T, name: keyof T & string): T {
  return name in loaded ? loaded : (loaded as unknown as { default: T }).default;
}
