import { listIncidents, openIncident } from '../../ledger/incidents.js';
import type { Lock } from '../../ledger/refs/lock.js';
import type { Held } from '../../ledger/refs/state.js';
import { escapeMarkdown, code, link } from '../../report/markdown.js';
import { isoInstant } from '../../time/instant.js';
import type { PagerPorts, TrafficControl } from '../control.js';
import type { Weights } from '../router.js';

/**
 * Leaves traffic as it is, keeps the lock so that nobody else moves it, and pages a person by an incident. `seen` is
 * given where the only cause is nodes that cannot be read or refuse a change: what the others have; then a recovery
 * goes on by itself later. Never throws for the incident: the lock matters more.
 */
export async function holdForPerson(
  control: PagerPorts,
  held: Held<Lock>,
  why: string,
  seen?: Readonly<Record<string, Weights>>,
): Promise<Held<Lock>> {
  const { timeline } = control;
  timeline.say(`Held: ${why}`);
  const { awaits: _before, ...state } = held.state;
  const kept = await control.lock.replace(
    held,
    { ...state, phase: 'held', reason: why, ...(seen ? { awaits: { seen: { ...seen } } } : {}) },
    seen ? 'held until every node can be read and changed, or for a person' : 'held for a person',
  );
  timeline.held = kept.state;
  // What goes on by itself may be held again by every schedule that comes by: that is no news.
  if (seen) await pageIfNobodyDid(control, kept.state);
  else await page(control, kept.state, why);
  return kept;
}

/** Pages for a held lock once, so that a schedule may come by often. Never throws. */
export async function pageIfNobodyDid(control: PagerPorts, lock: Lock): Promise<void> {
  const { writers, timeline } = control;
  try {
    const { incidents } = await listIncidents(control.github, { states: ['OPEN', 'CLOSED'], writers });
    if (incidents.some(({ marker }) => marker?.fingerprint === fingerprintOf(control, lock))) return;
  } catch (error) {
    timeline.unpaged = `whether an incident is open cannot be read. ${messageOf(error)}`;
    timeline.say(`Whether a person was paged is not known: ${messageOf(error)}`);
    return;
  }
  await page(control, lock, lock.reason ?? 'no reason was written');
}

/** How a hold ends, for the person who was paged, in markdown. */
export function wayOut({ from, to, version, payload, awaits, doubted }: Lock): string {
  if (doubted) return 'do by hand what the reason says: no mode moves anything by this lock.';
  const [revert, resume] = [code('mode: revert'), code('mode: resume')];
  const byItself = awaits
    ? `As soon as every node can be read and takes changes, ${code('mode: reconcile')} goes on by itself, unless somebody has changed the traffic of a node meanwhile. If that cannot wait: `
    : '';
  const redeploy = awaits
    ? `see that ${code(to)} runs ${code(version)} and is well, make every node readable, then run ${resume}`
    : `redeploy ${code(version)} to ${code(to)} so that it is well, then run ${resume}`;
  if (payload.kind === 'rollback')
    return `${byItself}${redeploy}. There is no ${revert} of a rollback: behind it is only the release that it takes back.`;
  if (from === undefined) return `${byItself}${redeploy}. There is no ${revert}: nothing was live before.`;
  return `${byItself}make one colour well, then run ${revert} (all traffic back to ${code(from)}) or ${resume} (all to ${code(to)}).`;
}

/**
 * Says in the open incident of a held lock that it is over. The incident stays open, since a person may have begun on
 * it. Never throws.
 */
export async function tellSettled(
  control: Pick<TrafficControl, 'environment' | 'service' | 'github' | 'writers' | 'timeline' | 'runUrl'>,
  lock: Lock,
  message: string,
): Promise<void> {
  const { github, writers, timeline, runUrl } = control;
  try {
    const { incidents } = await listIncidents(github, { states: ['OPEN'], writers });
    const incident = incidents.find(({ marker }) => marker?.fingerprint === fingerprintOf(control, lock));
    if (!incident) return;
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: incident.number,
      body: `No longer held: ${escapeMarkdown(message)}\n\n${link('The run that ended it', runUrl)}`,
    });
  } catch (error) {
    timeline.say(`The incident could not be told: ${messageOf(error)}`);
  }
}

const fingerprintOf = (
  { environment, service }: Pick<TrafficControl, 'environment' | 'service'>,
  { deployment }: Lock,
) => `held:${environment}:${service}:${deployment}`;

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

async function page(control: PagerPorts, state: Lock, why: string): Promise<void> {
  const severity = 'critical' as const;
  try {
    const incident = await openIncident(
      control.github,
      {
        title: `${control.service}: traffic in ${control.environment} is held and needs a person`,
        body: [
          `${escapeMarkdown(why)}`,
          '',
          `${state.awaits ? 'What could be changed safely was changed' : 'Traffic was left as it is'}. The lock ${code(control.lock.ref)} keeps every release and rollback of this service waiting.`,
          '',
          `Look at both colours and the router. To end it: ${wayOut(state)}`,
          '',
          link('The run that held it', control.runUrl),
        ].join('\n'),
        marker: {
          schema: 'devops-actions/incident@1',
          service: control.service,
          environment: control.environment,
          severity,
          causedBy: state.deployment,
          fingerprint: fingerprintOf(control, state),
          openedAt: isoInstant(control.github.now()),
        },
      },
      control.writers,
      control.once,
    );
    control.timeline.unpaged = undefined;
    control.timeline.say(`Incident ${incident.url}`, incident.url);
  } catch (error) {
    control.timeline.unpaged = `no incident could be opened. ${messageOf(error)}`;
    control.timeline.say(`Nobody could be paged, no incident could be opened: ${messageOf(error)}`);
  }
}
