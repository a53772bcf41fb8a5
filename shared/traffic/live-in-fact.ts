import type { DeploymentRecord } from '../ledger/record.js';
import { firstProved } from '../ledger/trust.js';
import { askIdentity } from './colour-check.js';
import type { TrafficControl } from './control.js';
import { mismatch, type Identity } from './identity.js';
import { sayDoubted, type ProvedLive } from './ledger-outcome.js';
import { liveColour, type Weights } from './router.js';

type Asker = Pick<TrafficControl, 'prove' | 'http' | 'config'> & Partial<Pick<TrafficControl, 'timeline'>>;

const runs = (identity: Identity | undefined, { payload: { version, digest } }: DeploymentRecord) =>
  identity !== undefined && mismatch(identity, { version, digest }) === undefined;

/**
 * What is live where ledger and router disagree, for whoever is to take it back: whoever may write Deployments can say that something else is live, but
 * not make a colour run it. A record that neither the router nor its own colour bears out, and a rollback of which the router shows nothing, make way for
 * the newest proved success of the colour that has all traffic, if that colour says it runs it. A release whose colour still runs it stays: then somebody
 * moved traffic by hand.
 */
export async function liveInFact(control: Asker, known: ProvedLive, weights: Weights): Promise<ProvedLive> {
  const { live: recorded, history } = known;
  const colour = liveColour(weights);
  if (colour === undefined || recorded?.payload.colour === colour) return known;
  const ask = async (name: string) => {
    const said = await askIdentity(control.http, control.config, name);
    return said.ok ? said.identity : undefined;
  };
  if (recorded && recorded.payload.kind !== 'rollback' && runs(await ask(recorded.payload.colour), recorded))
    return known;
  const identity = await ask(colour);
  const { found, records } = await firstProved(control.prove, history, (among) =>
    among.find(
      (record) =>
        record.distrust.length === 0 &&
        record.payload.colour === colour &&
        record.statuses.some(({ state }) => state === 'success') &&
        runs(identity, record),
    ),
  );
  sayDoubted(control, history, records);
  if (!found) return { ...known, history: records };
  const ledger = recorded
    ? `${recorded.payload.version} is live on ${recorded.payload.colour} (Deployment ${recorded.id})`
    : 'nothing is live';
  control.timeline?.say(
    `The ledger says ${ledger}, and ${colour} has all traffic and runs ${found.payload.version} (Deployment ${found.id}): the router is believed. Find out who wrote the ledger or moved traffic past the lock`,
  );
  return { ...known, live: found, history: records };
}
