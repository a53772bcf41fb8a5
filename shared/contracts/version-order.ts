import parse from 'semver/functions/parse.js';

/**
 * Order of two versions by semantic versioning (1.4.2-rc.1 is before 1.4.2, `+build` does not count), negative when `a`
 * is older; undefined when one of them is no such version. `v1.4.2`, `1.4`, `1.4-rc.1` and `2026.01.3` are read as well.
 */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [readVersion(a), readVersion(b)];
  return left && right ? left.compare(right) : undefined;
}

/** Whether a version has an order among others. */
export function isOrdered(version: string): boolean {
  return readVersion(version) !== null;
}

function readVersion(text: string) {
  return parse(text) ?? parse(inFull(text));
}

/** A number of up to three parts with all three, and without leading zeros; anything else as it is. */
function inFull(text: string): string {
  const [, number, rest] = /^v?(\d+(?:\.\d+){0,2})([-+].*)?$/.exec(text) ?? [];
  if (number === undefined) return text;
  const parts = number.split('.').map(Number);
  return [0, 1, 2].map((index) => parts[index] ?? 0).join('.') + (rest ?? '');
}
