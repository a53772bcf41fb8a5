import { permissionNames, type PermissionsShape } from '../read/workflow-shape.js';

/** What a repository grants by default since February 2023, when no `permissions:` is written. */
const restricted: PermissionsShape = { contents: 'read', packages: 'read' };

/**
 * The permissions of a job's token: the job's own, else the workflow's, else the restricted default; unnamed ones are
 * none.
 */
export function tokenPermissions(
  workflow: PermissionsShape | undefined,
  job: PermissionsShape | undefined,
): Record<string, 'read' | 'write'> {
  const shape = job ?? workflow ?? restricted;
  const granted: Record<string, 'read' | 'write'> = { metadata: 'read' };
  for (const name of permissionNames) {
    const level = typeof shape === 'string' ? (shape === 'read-all' ? 'read' : 'write') : shape[name];
    if (level === undefined || level === 'none') continue;
    if (name === 'id-token' && level === 'read') continue;
    granted[name] = name === 'models' ? 'read' : level;
  }
  return granted;
}
