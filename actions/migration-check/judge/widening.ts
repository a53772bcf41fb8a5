/** Whether each value of the old type is one of the new type as it is stored, so that no row is read or written. */
export function onlyWidens(from: string, to: string): boolean {
  const [old, wanted] = [readType(from), readType(to)];
  if (!old || !wanted) return false;
  if (old.name === 'varchar' && wanted.name === 'text') return true;
  if (old.name !== wanted.name) return false;
  if (old.name === 'varchar' || old.name === 'varbit')
    return wanted.limits.length === 0 || (old.limits.length === 1 && old.limits[0]! <= wanted.limits[0]!);
  if (old.name === 'numeric')
    return (
      wanted.limits.length === 0 ||
      (old.limits.length > 0 &&
        old.limits[0]! <= wanted.limits[0]! &&
        (old.limits[1] ?? 0) === (wanted.limits[1] ?? 0))
    );
  return false;
}

function readType(text: string): { name: string; limits: number[] } | undefined {
  const [, name, limits] = /^(\w+)(?:\((\d+(?:,\d+)*)\))?$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, limits: limits?.split(',').map(Number) ?? [] };
}
