import type { DeploymentPayload } from '../../contracts/deployment.js';

/** Why an app version must not run against the current database schema; undefined when it may. A version that cannot be compared may not. */
export function olderThanSchemaAllows(
  schema: DeploymentPayload['schema'],
  version: string,
): string | undefined {
  if (!schema) return undefined;
  const order = compareVersions(version, schema.oldestCompatibleApp);
  if (order === undefined) {
    return `schema ${schema.version} needs an app of at least ${schema.oldestCompatibleApp}, and ${version} cannot be compared with that`;
  }
  return order < 0
    ? `schema ${schema.version} needs an app of at least ${schema.oldestCompatibleApp}, and this is ${version}`
    : undefined;
}

/** Order of two dotted numeric versions (`v` allowed); pre-releases and other forms are not comparable. */
function compareVersions(a: string, b: string): number | undefined {
  const parse = (text: string) =>
    /^v?\d+(\.\d+)*$/.test(text) ? text.replace(/^v/, '').split('.').map(Number) : undefined;
  const [left, right] = [parse(a), parse(b)];
  if (!left || !right) return undefined;
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}
