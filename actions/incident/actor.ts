import { coded, type Refusal } from '../../shared/contracts/refusal-codes.js';
import { isAtLeast, readAccess, type Role } from '../../shared/github/role.js';
import type { IncidentPorts } from './ports.js';

/** The role of who asks, read now; null where it could not be read. */
export async function roleOfAsker({
  github,
  by,
}: Pick<IncidentPorts, 'github' | 'by'>): Promise<Role | null> {
  return (await readAccess(github, by))?.level ?? null;
}

/** Why who asks may not do what takes the right to triage; undefined when they may. */
export function doubtAsker(by: string, role: Role | null, least: Role = 'triage'): Refusal | undefined {
  if (isAtLeast(role ?? undefined, least)) return undefined;
  return coded(
    'triage-not-allowed',
    `${by} has the role ${role ?? 'none that could be read'}, and this takes ${least} or above. Fix: somebody with that role runs this mode`,
  );
}
