import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import { deploymentPayloadSchema, type DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { digestSchema, versionSchema } from '../../../shared/contracts/formats.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { describeHolder } from '../../../shared/ledger/refs/holder.js';
import { describeDoubted } from '../../../shared/ledger/proof/first-proved.js';
import { askIdentity, checkColour } from '../../../shared/traffic/colour/check.js';
import { askEntryNow } from '../../../shared/traffic/colour/entry-now.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { takeLock, watchInTheWay } from '../../../shared/traffic/recovery/acquire.js';
import { describeWeights, liveColour, sameWeights, type Weights } from '../../../shared/traffic/router.js';
import {
  provedLive,
  readHistory,
  recordLive,
  recordNotLive,
} from '../../../shared/traffic/switch/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { refused, type ModeResult } from '../report/result.js';

/**
 * Records what a healthy live colour says it runs as the release that is live, so that the first release after it can
 * be rolled back. Moves nothing.
 */
export async function adopt(control: TrafficControl, inputs: Inputs): Promise<ModeResult> {
  const inTheWay = await whatStands(control);
  if (inTheWay.length > 0) return refused(inTheWay);
  const { weights } = await control.router.read();
  const colour = liveColour(weights);
  if (colour === undefined) {
    const mixed = `traffic is mixed (${describeWeights(weights)}), and only a colour with all traffic can be adopted`;
    return refused([coded('traffic-mixed', mixed)], { before: weights });
  }
  const running = await whatRuns(control, inputs, colour, weights);
  if (!running.ok) return refused(running.reasons, { before: weights });
  const payload = await payloadOf(control, inputs.sha ?? '', colour, running);
  const doubted = await doubtOwn(control, payload);
  if (doubted) return refused([coded('record-would-not-count', doubted)], { before: weights });
  return record(control, payload, weights);
}

/** A lock, a watch or a release that is live by the ledger: then this service is the suite's already. */
async function whatStands(control: TrafficControl): Promise<Refusal[]> {
  const lock = await control.lock.read();
  const { live } = await provedLive(control, await readHistory(control));
  const watch = await watchInTheWay(control);
  return [
    ...(lock
      ? [
          coded(
            'lock-busy',
            `${describeHolder(lock.state.holder)} holds the lock (${lock.state.phase}): run mode reconcile first`,
          ),
        ]
      : []),
    ...(watch === undefined ? [] : [watch]),
    ...(live
      ? [
          coded(
            'already-recorded',
            `${live.payload.version} is live on ${live.payload.colour} by the ledger (Deployment ${live.id}): there is nothing to adopt`,
          ),
        ]
      : []),
  ];
}

type Running = { ok: true; version: string; digest: string } | { ok: false; reasons: Refusal[] };

/**
 * What the colour itself says it runs, borne out by its health and the entry; what it does not say, the inputs have to.
 */
async function whatRuns(
  control: Pick<TrafficControl, 'http' | 'config' | 'clock' | 'timeline'>,
  inputs: Pick<Inputs, 'version' | 'digest'>,
  colour: string,
  weights: Weights,
): Promise<Running> {
  const { http, config, clock } = control;
  const well = await checkColour(http, config, colour, undefined, clock);
  const said = await askIdentity(http, config, colour);
  const reasons = well.ok ? [] : [well.why];
  if (!said.ok) return { ok: false, reasons: [...reasons, said.why] };
  const { version } = said.identity;
  const digest = said.identity.digest ?? inputs.digest;
  if (!versionSchema.safeParse(version).success)
    reasons.push(
      coded(
        'colour-says-nothing',
        `colour ${colour} says version ${version ?? 'nothing'}, which is no version that can be recorded: correct identity.version, or the answer`,
      ),
    );
  else if (inputs.version !== undefined && inputs.version !== version)
    reasons.push(
      coded(
        'colour-runs-another',
        `colour ${colour} says version ${version}, and the input "version" says ${inputs.version}`,
      ),
    );
  if (digest === undefined)
    reasons.push(
      coded(
        'colour-says-nothing',
        `colour ${colour} does not say its digest: add it to the answer, or state what runs there with the input "digest"`,
      ),
    );
  else if (!digestSchema.safeParse(digest).success)
    reasons.push(
      coded(
        'colour-says-nothing',
        `colour ${colour} says digest ${digest}, which is no digest such as sha256:<64 hex digits>`,
      ),
    );
  else if (inputs.digest !== undefined && inputs.digest !== digest)
    reasons.push(
      coded(
        'colour-runs-another',
        `colour ${colour} says digest ${digest}, and the input "digest" says ${inputs.digest}`,
      ),
    );
  const entry = await askEntryNow(control, weights);
  control.timeline.say(`Entry: ${entry.message}`);
  if (entry.is === 'unknown') reasons.push(coded('entry-not-answering', entry.message));
  else if (entry.is !== 'good') reasons.push(entry.message);
  return reasons.length > 0 || version === undefined || digest === undefined
    ? { ok: false, reasons }
    : { ok: true, version, digest };
}

async function payloadOf(
  control: Pick<TrafficControl, 'github' | 'service' | 'me'>,
  sha: string,
  colour: string,
  { version, digest }: { version: string; digest: string },
): Promise<DeploymentPayload> {
  const commit = await control.github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
    commit_sha: sha,
  });
  return deploymentPayloadSchema.parse({
    suite: 'devops-actions/deployment@1',
    service: control.service,
    version,
    releaseId: `${version}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
    builtSha: sha,
    releasedSha: sha,
    tree: commit.tree.sha,
    digest,
    kind: 'release',
    colour,
    waivers: [],
    run: { id: control.me.runId, attempt: control.me.attempt },
  });
}

/**
 * Why a record of this run would not count for those who read it later, such as a commit that the run did not start
 * from.
 */
async function doubtOwn(
  control: Pick<TrafficControl, 'prove' | 'environment' | 'service' | 'clock'>,
  payload: DeploymentPayload,
): Promise<string | undefined> {
  const { environment, service, clock } = control;
  const record = {
    ...{ id: 0, environment, service, sha: payload.releasedSha, createdAt: clock.now(), payload },
    ...{ by: { login: '', bot: true }, statuses: [], distrust: [] },
  };
  const doubted = describeDoubted(await control.prove([record], []));
  return doubted === '' ? undefined : `the record would not count: ${doubted}`;
}

/** Writes the record under a lock of its own, once the router still says under it what was adopted. */
async function record(
  control: TrafficControl,
  payload: DeploymentPayload,
  weights: Weights,
): Promise<ModeResult> {
  const { colour, version, digest } = payload;
  const log = { log: control.runUrl };
  const deployment = await createDeployment(control.github, {
    environment: control.environment,
    service: control.service,
    sha: payload.releasedSha,
    production: control.production,
    description: `${control.service} ${version} on ${colour}, adopted`,
    payload,
  });
  await setDeploymentStatus(control.github, deployment, 'queued', `adopting ${colour}`, log);
  const facts = { before: weights, target: colour, version, digest, deployment };
  const held = await takeLock(control, { to: colour, deployment, payload });
  if (!held) {
    const why = 'another run took the lock first';
    await setDeploymentStatus(control.github, deployment, 'inactive', why, log);
    return refused([coded('lock-busy', `${why}: run mode adopt again once it is over`)], facts);
  }
  const { weights: now } = await control.router.read();
  const { live } = await provedLive(control, await readHistory(control));
  const changed = !sameWeights(now, weights)
    ? `traffic went from ${describeWeights(weights)} to ${describeWeights(now)} before the lock was taken`
    : live && `${live.payload.version} became live meanwhile (Deployment ${live.id})`;
  if (changed) {
    await recordNotLive(control, held.state, 'inactive', changed);
    await control.lock.remove(held);
    return refused([coded('traffic-moved', changed)], facts);
  }
  await recordLive(control, held.state);
  await control.lock.remove(held);
  const message = `Adopted ${version} on ${colour} as it runs (Deployment ${deployment}): the next release can be rolled back to it. Nothing was moved`;
  return { ok: true, result: 'adopted', message, ...facts };
}
