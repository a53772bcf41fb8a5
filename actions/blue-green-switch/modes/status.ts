import { GitHubError } from '../../../shared/github/problem.js';
import { safeAddress } from '../../../shared/http/faults.js';
import { describeHolder } from '../../../shared/ledger/refs/holder.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import { UnreadableStateError } from '../../../shared/ledger/refs/state.js';
import { describeInTheWay, refsInTheWay } from '../../../shared/ledger/refs/refs.js';
import { doubtHeld, doubtWatch } from '../../../shared/traffic/recovery/acquire.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { askIdentity, checkColour } from '../../../shared/traffic/colour/check.js';
import { askEntryNow } from '../../../shared/traffic/colour/entry-now.js';
import { askServing, describeServing } from '../../../shared/traffic/colour/fit.js';
import type { ColourPorts, LedgerPorts, TrafficControl } from '../../../shared/traffic/control.js';
import type { Expected } from '../../../shared/traffic/colour/identity.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { describeSurvey, liveColour, readable } from '../../../shared/traffic/router.js';
import { ledgerDrift, nodeDrift } from '../drift.js';
import { idleDrift } from '../idle-drift.js';
import type { ColourFacts, ModeResult } from '../report/result.js';

/** The lock as the report shows it. */
const lockFacts = ({ phase, holder, since }: Lock) => ({ phase, holder: describeHolder(holder), since });

/**
 * Says what is live on every node, what each colour runs, who holds the lock, and where router, colours and ledger
 * disagree. Changes nothing. Fails only when it cannot say all of that, because of a node or GitHub: nothing should be
 * deployed on a guess.
 */
export async function status(
  control: ColourPorts & LedgerPorts & Pick<TrafficControl, 'router' | 'colours' | 'lock' | 'watch'>,
): Promise<ModeResult> {
  const survey = await control.router.survey();
  const { lost } = readable(survey);
  const { weights } = survey.partial;
  const live = liveColour(weights);
  const ledger = await readLedger(control);
  const recorded = ledger.known ? ledger.recorded : undefined;
  const drift = nodeDrift(survey);
  const moved = ledgerDrift(live, recorded);
  if (moved) drift.push(moved);
  const expected = recorded && recorded.payload.colour === live ? recorded.payload : undefined;
  const colours = await Promise.all(
    control.colours.map((colour) => askColour(control, colour, colour === live ? expected : undefined)),
  );
  for (const { name, ok, version, why } of colours) {
    control.timeline.say(
      `${name}${name === live ? ' (live)' : ''}: ${version ?? 'no version'}, ${ok ? 'well' : why}`,
    );
    if (!ok && name === live) drift.push(why ?? '');
    const serving = await askServing(control.router, name);
    const words = describeServing(name, serving);
    control.timeline.say(words);
    if (serving.is === 'down' && name === live) drift.push(words);
  }
  const entry = await askEntryNow(control, weights);
  control.timeline.say(`Entry: ${entry.message}`);
  if (entry.is === 'bad' || entry.is === 'failing') drift.push(entry.message);
  const inspection = await control.router.inspect?.();
  drift.push(...(inspection?.obstacles ?? []));
  if (!ledger.known) drift.push(`the ledger cannot be read: ${ledger.why}`);
  const lock = ledger.known ? ledger.lock : undefined;
  if (lock) {
    if (lock.phase === 'held') control.timeline.held = lock;
    const { phase, holder, since } = lockFacts(lock);
    control.timeline.say(
      `Lock: phase ${phase}, ${holder}, since ${since}${lock.reason ? `: ${lock.reason}` : ''}`,
    );
  }
  if (ledger.known) drift.push(...ledger.strange);
  if (ledger.known && !lock) drift.push(...idleDrift(colours, live, ledger.history));
  const agree = drift.length === 0;
  return {
    ok: lost.length === 0 && ledger.known,
    result: !ledger.known
      ? 'error'
      : lock?.phase === 'held'
        ? 'held'
        : !agree
          ? 'drift'
          : lock
            ? 'locked'
            : 'ok',
    message: [
      `Router: ${describeSurvey(survey)}`,
      ...(ledger.known
        ? [`Ledger: ${recorded ? `${recorded.payload.version} (Deployment ${recorded.id})` : ledger.nothing}`]
        : []),
      agree ? 'They agree.' : drift.join('; '),
    ].join('. '),
    reasons: drift,
    ...(survey.observed ? { before: weights } : {}),
    survey,
    colours,
    ...(ledger.known ? { lock: lock ? lockFacts(lock) : null } : {}),
    ...(recorded
      ? { version: recorded.payload.version, digest: recorded.payload.digest, deployment: recorded.id }
      : {}),
  };
}

type Ledger =
  | {
      known: true;
      recorded: DeploymentRecord | undefined;
      history: readonly DeploymentRecord[];
      nothing: string;
      lock: Lock | undefined;
      strange: string[];
    }
  | { known: false; why: string };

async function readLedger(control: LedgerPorts & Pick<TrafficControl, 'lock' | 'watch'>): Promise<Ledger> {
  try {
    const { live, history, nothing, unread } = await provedLive(control, await readHistory(control));
    return {
      known: true,
      recorded: live,
      history,
      nothing,
      lock: (await control.lock.read())?.state,
      strange: [...(unread ? [nothing] : []), ...(await strangers(control))],
    };
  } catch (error) {
    if (!(error instanceof GitHubError || error instanceof UnreadableStateError)) throw error;
    return { known: false, why: error.message };
  }
}

/** Refs of strangers that keep releases waiting, each with the line that removes it. */
async function strangers(control: LedgerPorts & Pick<TrafficControl, 'lock' | 'watch'>): Promise<string[]> {
  const { github, lock, watch } = control;
  const words: string[] = [];
  const known = new Set<string>();
  for (const ref of [lock.ref, watch.ref]) {
    const found = (await refsInTheWay(github, ref)).filter((one) => !known.has(one.ref));
    for (const one of found) known.add(one.ref);
    if (found.length > 0) words.push(describeInTheWay(ref, found));
  }
  const held = await lock.read();
  const forged = held && (await doubtHeld(control, held.state));
  if (forged) words.push(forged);
  const watched = await watch.read();
  const doubt = watched && !watched.state.check && (await doubtWatch(control, watched.state));
  if (doubt) {
    const path = watch.ref.split('/').map(encodeURIComponent).join('/');
    words.push(
      `the watch in ${watch.ref} is not one that auto-rollback keeps: ${doubt}. Fix: gh api -X DELETE repos/${github.owner}/${github.repository}/git/${path}`,
    );
  }
  return words;
}

async function askColour(
  control: ColourPorts,
  name: string,
  expected: Expected | undefined,
): Promise<ColourFacts> {
  const { http, config, clock } = control;
  const [check, answer] = await Promise.all([
    checkColour(
      http,
      config,
      name,
      expected && { version: expected.version, digest: expected.digest },
      clock,
    ),
    askIdentity(http, config, name),
  ]);
  return {
    name,
    url: safeAddress(new URL(config.colours[name]!.url)).replace(/\/$/, ''),
    ok: check.ok,
    ...(answer.ok && answer.identity.version !== undefined ? { version: answer.identity.version } : {}),
    ...(check.ok ? {} : { why: check.why }),
  };
}
