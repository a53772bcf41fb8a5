/** Whether two JSON values are the same: order of keys does not matter, types do. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => sameJson(item, b[i]))
    );
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key as never], b[key as never]))
  );
}

/** Whether a number lost digits when it was read: beyond 2^53 neighbours become equal, and far beyond all of them. */
export function isInexact(value: unknown): boolean {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return false;
  return Number.isInteger(value) || !Number.isFinite(value);
}

/**
 * Whether such a number is anywhere in a JSON value. Nodes of one document have parts in common, which are looked at
 * once.
 */
export function hasInexact(value: unknown, seen = new Set<object>()): boolean {
  if (value === null || typeof value !== 'object') return isInexact(value);
  if (seen.has(value)) return false;
  seen.add(value);
  return Object.values(value).some((part) => hasInexact(part, seen));
}
