import type { DeploymentPayload } from '../../contracts/deployment.js';
import { compareVersions, isOrdered } from '../../contracts/version-order.js';

/**
 * Why an app version must not run against the current database schema; undefined when it may. A version that cannot be
 * compared may not.
 */
export function olderThanSchemaAllows(
  schema: DeploymentPayload['schema'],
  version: string,
): string | undefined {
  if (!schema) return undefined;
  const oldest = schema.oldestCompatibleApp;
  const order = compareVersions(version, oldest);
  const need = `schema ${schema.version} needs an app of at least ${oldest}`;
  if (order === undefined) {
    const unordered = [version, oldest].filter((each) => !isOrdered(each)).join(' and ');
    return `${need}, and ${version} cannot be compared with that: not a semantic version such as 1.4.2: ${unordered}`;
  }
  return order < 0 ? `${need}, and this is ${version}` : undefined;
}
