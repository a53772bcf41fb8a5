import { listIncidents, openIncident } from '../ledger/incidents.js';
import type { Lock } from '../ledger/lock.js';
import type { Held } from '../ledger/state.js';
import { escapeMarkdown, code, link } from '../report/markdown.js';
import { isoInstant } from '../time/instant.js';
import type { TrafficControl } from './control.js';

/** Leaves traffic as it is, keeps the lock so that nobody else moves it, and pages a person by an incident. Never throws for the incident: the lock matters more. */
export async function holdForPerson(
  control: TrafficControl,
  held: Held<Lock>,
  why: string,
): Promise<Held<Lock>> {
  control.timeline.say(`Held: ${why}`);
  const { state } = held;
  const kept = await control.lock.replace(
    held,
    { ...state, phase: 'held', reason: why },
    'held for a person',
  );
  await page(control, state, why);
  return kept;
}

/** Pages for a held lock whose run died before it could: once for each, so that a schedule may come by often. */
export async function pageIfNobodyDid(control: TrafficControl, lock: Lock): Promise<void> {
  const { writers } = control;
  const { incidents } = await listIncidents(control.github, { states: ['OPEN', 'CLOSED'], writers });
  if (incidents.some(({ marker }) => marker?.fingerprint === fingerprintOf(control, lock))) return;
  await page(control, lock, lock.reason ?? 'no reason was written');
}

const fingerprintOf = ({ environment, service }: TrafficControl, { deployment }: Lock) =>
  `held:${environment}:${service}:${deployment}`;

async function page(control: TrafficControl, state: Lock, why: string): Promise<void> {
  const severity = 'critical' as const;
  try {
    const incident = await openIncident(
      control.github,
      {
        title: `${control.service}: traffic in ${control.environment} is held and needs a person`,
        body: [
          `${escapeMarkdown(why)}`,
          '',
          `Traffic was left as it is. The lock ${code(control.lock.ref)} keeps every release and rollback of this service waiting.`,
          '',
          `1. Look at both colours and the router.`,
          `2. Make one colour well, then run the switch action with ${code('mode: revert')} (back to ${code(state.from ?? 'nothing')}) or ${code('mode: resume')} (all to ${code(state.to)}).`,
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
          openedAt: isoInstant(control.clock.now()),
        },
      },
      control.writers,
    );
    control.timeline.say(`Incident ${incident.url}`);
  } catch (error) {
    control.timeline.say(
      `No incident could be opened: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
