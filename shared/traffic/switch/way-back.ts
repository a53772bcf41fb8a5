import type { Lock } from '../../ledger/refs/lock.js';
import type { DeploymentRecord } from '../../ledger/record.js';
import type { Expected } from '../colour/identity.js';

/** The colour that traffic goes back to on failure, and what it must run then; that is not known of every release. */
export interface WayBack {
  colour: string;
  expected: Expected | undefined;
}

/** Where to go back to and what must run there. A rollback has no way back: behind it is the release it takes back. */
export function wayBack(
  from: string | undefined,
  previous: DeploymentRecord | undefined,
  kind: Lock['payload']['kind'],
): WayBack | undefined {
  if (from === undefined || kind === 'rollback') return undefined;
  const expected =
    previous && previous.payload.colour === from
      ? { version: previous.payload.version, digest: previous.payload.digest }
      : undefined;
  return { colour: from, expected };
}
