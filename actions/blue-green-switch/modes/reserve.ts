import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import { compareVersions } from '../../../shared/contracts/version-order.js';
import { checkVerdict } from '../../../shared/contracts/verdict.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { mayHaveSucceeded, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { firstProved } from '../../../shared/ledger/proof/first-proved.js';
import { takeLock, waitUntilFree, watchInTheWay } from '../../../shared/traffic/recovery/acquire.js';
import type { LedgerPorts, SwitchPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { olderThanSchemaAllows } from '../../../shared/traffic/switch/schema-guard.js';
import { liveInFact } from '../../../shared/traffic/switch/live-in-fact.js';
import {
  provedLive,
  readHistory,
  recordNotLive,
  sayDoubted,
} from '../../../shared/traffic/switch/ledger-outcome.js';
import { describeWeights, liveColour, sameWeights, type Weights } from '../../../shared/traffic/router.js';
import { answerOf } from '../../../shared/traffic/colour/check.js';
import { askServing, describeServing } from '../../../shared/traffic/colour/fit.js';
import { endMixed } from '../drift.js';
import type { Inputs } from '../inputs.js';
import { claimOf, refusalByEntry } from '../refusals-of-switch.js';
import { cannotWeigh } from '../refusals.js';
import { refused, type ModeResult } from '../report/result.js';

/** A reservation is tried this many times while traffic moves, or a watch begins, between the look and the lock. */
const mostTries = 3;

/**
 * Locks the service's traffic for this run and says which colour is idle, so that nobody else deploys over the colour
 * under test.
 */
export async function reserve(control: TrafficControl, inputs: Inputs): Promise<ModeResult> {
  const { version = '', digest = '', sha = '' } = inputs;
  const check = checkVerdict(inputs.verdict, { ...claimOf(control), kind: inputs.kind, sha, digest });
  const reasons = [...(check.accepted ? [] : check.reasons)];
  const unweighable = cannotWeigh(control, inputs.strategy);
  if (unweighable) reasons.push(unweighable);
  if (!check.accepted || reasons.length > 0) return refused(reasons);
  const until = control.clock.now() + inputs['lock-timeout'];
  for (let tries = 1; ;) {
    const patience = Math.max(0, until - control.clock.now());
    const free = await waitUntilFree(control, patience, { watch: false });
    if (!free.free) return refused([free.why]);
    const observed = await control.router.read();
    const { weights } = observed;
    const history = await readHistory(control);
    const routed = liveColour(weights);
    if (inputs.mode === 'reserve' && !routed) {
      const { live } = await provedLive(control, history);
      const mixed = `traffic is mixed (${describeWeights(weights)}). ${endMixed(control.router, observed, live)}`;
      const why = coded('traffic-mixed', mixed);
      return refused([why], { before: weights });
    }
    const obstacles = (await control.router.inspect?.())?.obstacles ?? [];
    if (obstacles.length > 0) return refused(obstacles, { before: weights });
    const chosen =
      inputs.mode === 'reserve' && routed
        ? chooseIdle(control, inputs, routed)
        : await chooseFirst(control, inputs, weights, history);
    if ('refusal' in chosen) return refused([chosen.refusal], { before: weights });
    const { from, to } = chosen;
    const byEntry = await refusalByEntry(control, weights, inputs.kind);
    if (byEntry) return refused([byEntry], { before: weights });
    const ledger = await provedLive(control, history);
    const { live: previous } = await liveInFact(control, ledger, weights);
    if (previous && previous.payload.colour !== from) {
      control.timeline.say(
        `Drift: the ledger says ${previous.payload.colour} is live, the router says ${from}; the router is believed`,
      );
    }
    const commit = await control.github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', {
      commit_sha: sha,
    });
    const payload = {
      suite: 'devops-actions/deployment@1' as const,
      service: control.service,
      version,
      releaseId:
        inputs['release-id'] ?? `${version}-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`,
      builtSha: sha,
      releasedSha: sha,
      tree: commit.tree.sha,
      digest,
      kind: inputs.kind,
      colour: to,
      ...(previous && previous.payload.colour === from ? { previous: previous.id } : {}),
      ...(inputs['schema-version'] && inputs['oldest-compatible-app']
        ? {
            schema: {
              version: inputs['schema-version'],
              oldestCompatibleApp: inputs['oldest-compatible-app'],
            },
          }
        : previous?.payload.schema
          ? { schema: previous.payload.schema }
          : {}),
      policyCommit: check.verdict.policyCommit,
      waivers: check.verdict.waivers,
      run: { id: control.me.runId, attempt: control.me.attempt },
    };
    // Versions without an order cannot say which came first: a release is not stopped for that, a way back is.
    const oldest = payload.schema?.oldestCompatibleApp;
    const isOlder = oldest !== undefined && (compareVersions(version, oldest) ?? 0) < 0;
    const older = isOlder ? olderThanSchemaAllows(payload.schema, version) : undefined;
    if (older) return refused([coded('schema-too-new', older)], { before: weights });
    const deployment = await createDeployment(control.github, {
      environment: control.environment,
      service: control.service,
      sha,
      production: control.production,
      description: `${control.service} ${version} to ${to}`,
      payload,
    });
    await setDeploymentStatus(
      control.github,
      deployment,
      'queued',
      `reserved ${to}; ${from ?? 'nothing'} is live`,
      {
        log: control.runUrl,
      },
    );
    const held = await takeLock(control, {
      ...(from === undefined ? {} : { from }),
      to,
      deployment,
      payload,
    });
    if (held) {
      const changed = await changedSince(control, weights);
      if (changed !== undefined) {
        await recordNotLive(control, held.state, 'inactive', changed);
        await control.lock.remove(held);
        if (tries++ < mostTries) continue;
        return refused([
          coded(
            'traffic-moved',
            `${changed}, in ${mostTries} tries to reserve ${to}: find out who moves traffic past the lock`,
          ),
        ]);
      }
      control.timeline.say(describeServing(to, await askServing(control.router, to)));
      const message = `Reserved ${to} for ${version}; ${from ?? 'nothing'} keeps all traffic (Deployment ${deployment})`;
      return {
        ok: true,
        result: 'reserved',
        message,
        before: weights,
        target: to,
        version,
        digest,
        deployment,
      };
    }
    await setDeploymentStatus(control.github, deployment, 'inactive', 'another run took the lock first', {
      log: control.runUrl,
    });
    control.timeline.say('Another run took the lock at the same moment; waiting for it');
  }
}

/**
 * Looked at again under the lock: whoever moved traffic before it was taken may have made the reserved colour live, or
 * begun to watch what is.
 */
async function changedSince(
  control: LedgerPorts & Pick<TrafficControl, 'watch' | 'me' | 'runFacts' | 'router'>,
  weights: Weights,
): Promise<string | undefined> {
  const { observed } = await control.router.survey();
  if (!observed) return 'not every node can be read any more';
  if (!sameWeights(observed.weights, weights))
    return `traffic went from ${describeWeights(weights)} to ${describeWeights(observed.weights)} before the lock was taken`;
  return watchInTheWay(control);
}

type Choice = { from: string | undefined; to: string } | { refusal: Refusal };

/** The colour without traffic, as the router says. */
function chooseIdle(control: Pick<TrafficControl, 'colours'>, inputs: Inputs, from: string): Choice {
  const to = inputs.target === 'auto' ? control.colours.find((colour) => colour !== from)! : inputs.target;
  if (!control.colours.includes(to))
    return {
      refusal: coded(
        'colour-unknown',
        `there is no colour "${to}"; the traffic file has ${control.colours.join(', ')}`,
      ),
    };
  if (to === from)
    return {
      refusal: coded(
        'colour-live',
        `colour "${to}" is live; deploying to it would change production unchecked`,
      ),
    };
  return { from, to };
}

/** The colour of a first deployment: nothing has ever succeeded here, and nothing answers where traffic goes now. */
async function chooseFirst(
  control: SwitchPorts,
  inputs: Inputs,
  weights: Weights,
  history: readonly DeploymentRecord[],
): Promise<Choice> {
  const { found: before, records } = await firstProved(
    control.prove,
    history,
    history.filter(mayHaveSucceeded),
    mayHaveSucceeded,
  );
  sayDoubted(control, history, records);
  if (before) {
    return {
      refusal: coded(
        'deployed-before',
        `${control.service} was deployed to ${control.environment} before: use mode reserve`,
      ),
    };
  }
  const routed = liveColour(weights);
  for (const colour of control.colours.filter((name) => (weights[name] ?? 0) > 0)) {
    const answer = await answerOf(control.http, control.config, colour, control.clock);
    if (answer === undefined) continue;
    const has = `colour "${colour}" has ${routed ? 'all' : `${weights[colour]} % of the`} traffic and answers (${answer})`;
    return {
      refusal: routed
        ? coded('colour-answers', `${has}: use mode reserve`)
        : coded('colour-answers', `${has}: give all traffic to one colour by hand, then use mode reserve`),
    };
  }
  const to = inputs.target === 'auto' ? (routed ?? control.colours[0]!) : inputs.target;
  return control.colours.includes(to)
    ? { from: undefined, to }
    : {
        refusal: coded(
          'colour-unknown',
          `there is no colour "${to}"; the traffic file has ${control.colours.join(', ')}`,
        ),
      };
}
