import { firstProved } from '../../ledger/proof/first-proved.js';
import { isLive, mayHaveSucceeded, type DeploymentRecord } from '../../ledger/record.js';
import { askIdentity } from '../colour/check.js';
import type { TrafficControl } from '../control.js';
import { mismatch, type Identity } from '../colour/identity.js';
import { sayDoubted, type ProvedLive } from './ledger-outcome.js';
import { liveColour, type Weights } from '../router.js';

type Asker = Pick<TrafficControl, 'prove' | 'http' | 'config'> & Partial<Pick<TrafficControl, 'timeline'>>;

const runs = (identity: Identity | undefined, { payload: { version, digest } }: DeploymentRecord) =>
  identity !== undefined && mismatch(identity, { version, digest }) === undefined;

/**
 * What is live where ledger and router disagree, for whoever is to take it back: whoever may write Deployments can say
 * that something else is live, but not make a colour run it. A rollback of which the router shows nothing makes way for
 * the newest proved success of the colour that has all traffic, if that colour says it runs it; a release does, if it
 * took nothing's place in the ledger, or was never deployed. Any other release stays: then somebody moved traffic by
 * hand, off a release that may well be dead.
 */
export async function liveInFact(control: Asker, known: ProvedLive, weights: Weights): Promise<ProvedLive> {
  const { live: recorded, history } = known;
  const colour = liveColour(weights);
  if (colour === undefined || recorded?.payload.colour === colour) return known;
  const ask = async (name: string) => {
    const message = await askIdentity(control.http, control.config, name);
    return message.ok ? message.identity : undefined;
  };
  const identity = await ask(colour);
  const { found, records } = await newestOn(control, history, colour, (record) =>
    // A colour that is dead says nothing, and must be left all the same if nothing else is known to be live.
    identity === undefined ? recorded === undefined : runs(identity, record),
  );
  sayDoubted(control, history, records);
  const stays = async (release: DeploymentRecord) => {
    const its = await ask(release.payload.colour);
    return runs(its, release) || !(await keptOlder(control, records, release, its));
  };
  const release = recorded?.payload.kind === 'rollback' ? undefined : recorded;
  if (!found || (release && replaced(found) && (await stays(release)))) return { ...known, history: records };
  const ledger = recorded
    ? `${recorded.payload.version} is live on ${recorded.payload.colour} (Deployment ${recorded.id})`
    : 'nothing is live';
  control.timeline?.say(
    `The ledger says ${ledger}, and ${colour} has all traffic and runs ${found.payload.version} (Deployment ${found.id}): the router is believed. Find out who wrote the ledger or moved traffic past the lock`,
  );
  return { ...known, live: found, history: records };
}

/**
 * The newest Deployment of a colour that became live and is chosen by what the colour says. A success that does not
 * count is one if there is no better: router and colour bear it out.
 */
async function newestOn(
  { prove }: Pick<Asker, 'prove'>,
  history: readonly DeploymentRecord[],
  colour: string,
  chosen: (record: DeploymentRecord) => boolean,
): ReturnType<typeof firstProved> {
  const candidates = history.filter(
    (record) => record.payload.colour === colour && mayHaveSucceeded(record) && chosen(record),
  );
  const sure = await firstProved(prove, history, candidates, mayHaveSucceeded);
  return sure.found ? sure : firstProved(prove, sure.records, candidates, () => true);
}

/**
 * Whether the ledger itself says that a release was live and is not any more, as it does once another took its place.
 * Of one whose statuses are not all known, that another is live says it.
 */
const replaced = (record: DeploymentRecord): boolean => !isLive(record);

/**
 * Whether a release's colour runs what was there before it. One that says nothing, or something unheard of, may be that
 * release, broken.
 */
async function keptOlder(
  { prove }: Asker,
  history: readonly DeploymentRecord[],
  { id, payload: { colour } }: DeploymentRecord,
  identity: Identity | undefined,
): Promise<boolean> {
  const older = history.filter((record) => record.id < id);
  return (await newestOn({ prove }, older, colour, (record) => runs(identity, record))).found !== undefined;
}
