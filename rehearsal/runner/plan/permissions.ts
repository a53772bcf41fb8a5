import { permissionNames, type PermissionsShape } from '../read/workflow-shape.js';

/** What a repository grants by default since February 2023, when no `permissions:` is written. */
const restricted: PermissionsShape = { contents: 'read', packages: 'read' };

export type Level = 'read' | 'write';

/** The permissions of a token by what was written for it; unnamed ones are none, nothing written is the default. */
export function tokenPermissions(written: PermissionsShape | undefined): Record<string, Level> {
  const shape = written ?? restricted;
  const granted: Record<string, Level> = { metadata: 'read' };
  for (const name of permissionNames) {
    const level = typeof shape === 'string' ? (shape === 'read-all' ? 'read' : 'write') : shape[name];
    if (level === undefined || level === 'none') continue;
    if (name === 'id-token' && level === 'read') continue;
    granted[name] = name === 'models' ? 'read' : level;
  }
  return granted;
}

/** The same for a run that is not trusted: nothing is written, and nobody is identified by a token. */
export function readOnly(granted: Readonly<Record<string, Level>>): Record<string, Level> {
  const entries = Object.keys(granted).filter((name) => name !== 'id-token');
  return Object.fromEntries(entries.map((name) => [name, 'read']));
}

/** What is asked for beyond what the caller allows, in GitHub's words; undefined when all of it is allowed. */
export function beyond(
  requested: PermissionsShape,
  allowed: PermissionsShape | undefined,
): string | undefined {
  const rank = { none: 0, read: 1, write: 2 };
  const [wanted, most] = [tokenPermissions(requested), tokenPermissions(allowed)];
  const over = Object.entries(wanted)
    .map(([name, level]) => ({ name, level, limit: most[name] ?? ('none' as const) }))
    .filter(({ level, limit }) => rank[level] > rank[limit]);
  if (over.length === 0) return undefined;
  const asked = over.map(({ name, level }) => `${name}: ${level}`).join(', ');
  return `is requesting '${asked}', but is only allowed '${over.map(({ name, limit }) => `${name}: ${limit}`).join(', ')}'.`;
}

/** A workflow writes `pull-requests`, a token has `pull_requests`. */
export const inApiNames = <T>(permissions: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(permissions).map(([name, level]) => [name.replaceAll('-', '_'), level]));
