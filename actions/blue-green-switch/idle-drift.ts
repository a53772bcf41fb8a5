import { outcomeOf, type DeploymentRecord } from '../../shared/ledger/record.js';

/** What a colour says of itself. */
interface Said {
  name: string;
  version?: string | undefined;
  digest?: string | undefined;
}

/**
 * Colours without traffic that run what no release put there: the ledger's newest releases on the colour, down to the one
 * that was last live, are what it may run. A colour that says nothing may be retired, and one that a release is being
 * deployed to may run anything. Pure.
 */
export function idleDrift(
  colours: readonly Said[],
  live: string | undefined,
  history: readonly DeploymentRecord[],
): string[] {
  return colours.flatMap(({ name, version, digest }) => {
    if (name === live || (version === undefined && digest === undefined)) return [];
    const there = history.filter(({ payload, distrust }) => payload.colour === name && distrust.length === 0);
    const lastLive = there.findIndex((record) => ['succeeded', 'taken-back'].includes(outcomeOf(record).is));
    const may = lastLive < 0 ? there : there.slice(0, lastLive + 1);
    const [newest] = may;
    if (!newest || outcomeOf(newest).is === 'in-flight') return [];
    const fits = may.some(
      ({ payload }) =>
        (digest === undefined || digest === payload.digest) &&
        (version === undefined || version === payload.version),
    );
    const runs = [version, digest?.slice(0, 19)].filter(Boolean).join(', ');
    return fits
      ? []
      : [
          `${name} has no traffic and runs ${runs}, which no release put there: the ledger has ${newest.payload.version}, ${newest.payload.digest.slice(0, 19)} (Deployment ${newest.id}). Fix: deploy that again, or remove the colour; until then there is no way back to it`,
        ];
  });
}
