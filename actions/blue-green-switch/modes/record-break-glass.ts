import type { BreakGlass } from '../../../shared/contracts/break-glass.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import { firstProved } from '../../../shared/ledger/proof/first-proved.js';
import {
  isGood,
  mayHaveSucceeded,
  succeededAt,
  type DeploymentRecord,
} from '../../../shared/ledger/record.js';
import { code, escapeMarkdown, link } from '../../../shared/report/markdown.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { askIdentity } from '../../../shared/traffic/colour/check.js';
import { mismatch } from '../../../shared/traffic/colour/identity.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { takeBack } from '../../../shared/traffic/recovery/take-back.js';
import { liveColour } from '../../../shared/traffic/router.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';

/** What became of a journal that was written on a laptop. */
export interface Recorded {
  ok: boolean;
  message: string;
  /** Whether the ledger was told of anything. */
  told?: true;
}

/** So much may the clocks of a laptop and of GitHub lie apart, in milliseconds. */
const apart = 600_000;

/**
 * Tells the ledger of a rollback that was done while GitHub could not be asked. The journal says what to look for and
 * why; what is recorded is what router and colour bear out, by the same transaction as every rollback, which then has
 * nothing left to move.
 */
export async function recordBreakGlass(control: TrafficControl, journal: BreakGlass): Promise<Recorded> {
  const { environment, service, to, by, reason, at } = journal;
  const said = `${by} gave ${to.colour} all traffic from a laptop at ${at} (${reason})`;
  if (environment !== control.environment || service !== control.service)
    return { ok: true, message: `The journal is of ${service} in ${environment}, not of this one` };
  const wrong = (why: string): Recorded => ({ ok: false, message: `${said}. It was not recorded: ${why}` });

  const lock = await control.lock.read();
  if (lock)
    return wrong(`the lock is in phase ${lock.state.phase}. Run mode reconcile again once it is gone`);
  const { weights } = await control.router.read();
  const colour = liveColour(weights);
  if (colour !== to.colour)
    return wrong(`the router says ${colour ?? 'several colours'} now, so somebody moved traffic since`);
  const identity = await askIdentity(control.http, control.config, colour);
  if (!identity.ok) return wrong(identity.why);
  const { live, history, nothing } = await provedLive(control, await readHistory(control));
  if (!live) return wrong(nothing);
  if (live.payload.colour === colour)
    return {
      ok: true,
      message: `${said}. The ledger says that ${live.payload.version} is live there already`,
    };
  const doubt = impossibleTimes(journal, succeededAt(live), control.github.now());
  if (doubt !== undefined) return wrong(doubt);
  const runs = ({ payload: { version, digest } }: DeploymentRecord) =>
    mismatch(identity.identity, { version, digest }) === undefined;
  const there = history.filter(
    (record) => record.payload.colour === colour && mayHaveSucceeded(record) && runs(record),
  );
  const { found } = await firstProved(control.prove, history, there, (record) => isGood(record, live));
  if (!found)
    return wrong(
      `the ledger knows no good release that ran on ${colour} as ${identity.identity.version ?? 'what it says'} does. Release it again through the gates`,
    );
  const done = await takeBack(control, { bad: live, good: found, reason: `break-glass by ${by}: ${reason}` });
  if (done.result !== 'restored') return wrong(done.message);
  const incident = await tell(control, journal, live, found);
  return {
    ok: true,
    told: true,
    message: `${said}. Recorded: ${found.payload.version} is live again, and ${live.payload.version} was taken back. ${incident}`,
  };
}

/**
 * Why the times of a journal cannot be: incident and time to restore rest on them, and an old journal is no evidence of
 * who moved traffic today.
 */
function impossibleTimes(
  { at, restoredAt }: BreakGlass,
  liveSince: number | undefined,
  now: number,
): string | undefined {
  const [begun, ended] = [parseInstant(at), parseInstant(restoredAt ?? at)];
  if (begun === undefined || ended === undefined) return 'its times cannot be read';
  if (Math.max(begun, ended) > now + apart) return 'that is in the future';
  if (ended < begun) return 'it ended before it began';
  if (liveSince !== undefined && begun + apart < liveSince)
    return 'what the ledger says is live went live after that. The journal is of an earlier release: run  devops-actions rollback --break-glass  again, which writes one of now';
  return undefined;
}

/** Somebody has to look into it: nobody was told by the suite when it happened. */
async function tell(
  { github, writers, once, service, environment, runUrl }: TrafficControl,
  journal: BreakGlass,
  bad: DeploymentRecord,
  good: DeploymentRecord,
): Promise<string> {
  const { by, at, reason, restoredAt, message = '' } = journal;
  try {
    const { url } = await openIncident(
      github,
      {
        title: `${service} ${bad.payload.version} was rolled back in ${environment} from a laptop`,
        body: [
          `${code(good.payload.version)} has all traffic of ${escapeMarkdown(`${service} in ${environment}`)} again. GitHub was not asked when it was moved, so no gate, lock or watch saw it.`,
          `**Why:** ${escapeMarkdown(reason)}`,
          `By ${code(by)}, begun ${code(at)}, ${restoredAt === undefined ? 'its end was not written down' : `confirmed by the router ${code(restoredAt)}`}. ${escapeMarkdown(message)}`,
          `Who and when are the journal's own words; that the colour has traffic and runs that release was read from the router and the colour. ${link('The run that recorded it', runUrl)}`,
        ].join('\n\n'),
        marker: {
          schema: 'devops-actions/incident@1',
          service,
          environment,
          severity: 'high',
          causedBy: bad.id,
          fingerprint: `rollback:${environment}:${service}:${bad.id}`,
          openedAt: at,
        },
      },
      writers,
      once,
    );
    return `Incident: ${url}`;
  } catch (error) {
    return `No incident could be opened: ${error instanceof Error ? error.message : String(error)}`;
  }
}
