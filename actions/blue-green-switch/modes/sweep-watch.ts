import { openIncident } from '../../../shared/ledger/incidents.js';
import { isSuccess, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { describeHolder, holderIsDead } from '../../../shared/ledger/refs/holder.js';
import { code, escapeMarkdown, link } from '../../../shared/report/markdown.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { provedLive, readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';

/**
 * Removes the watch that a dead run left. Whoever died in it told nobody, so a release that is live by the ledger, and
 * that nobody confirmed, is an incident: what nobody watches does not stay live in silence.
 */
export async function sweepWatch(control: TrafficControl): Promise<{ swept: string[]; unwatched: string[] }> {
  const watch = await control.watch.read();
  // What scheduled checks keep between two of them is no remains.
  if (!watch || watch.state.check) return { swept: [], unwatched: [] };
  const { holder, deployment } = watch.state;
  if (!holderIsDead(holder, await control.runFacts(holder.runId, holder.attempt), 'job', control.me))
    return { swept: [], unwatched: [] };
  const { live } = await provedLive(control, await readHistory(control));
  const alone = live?.id === deployment && !isConfirmed(live);
  const unwatched = alone ? [await tell(control, live, describeHolder(holder))] : [];
  await control.watch.remove(watch);
  return { swept: [`Removed the watch of Deployment ${deployment}, whose run is over`], unwatched };
}

/** By a later job of the release, or by scheduled checks. */
const isConfirmed = ({ statuses }: DeploymentRecord) =>
  statuses.some((status) => isSuccess(status) && status.description.startsWith('confirmed:'));

async function tell(
  { github, writers, once, service, environment, runUrl }: TrafficControl,
  { id, payload: { version } }: DeploymentRecord,
  holder: string,
): Promise<string> {
  const what = `${service} ${version} is live in ${environment} and nobody watches it: ${holder} died in its watch, which came to no verdict`;
  const now =
    'look at its metrics. If it is bad, run auto-rollback in mode now; if it is well, close the issue, or run the watch again';
  try {
    const { url } = await openIncident(
      github,
      {
        title: `${service} ${version} is live in ${environment} and nobody watches it`,
        body: [
          `**${escapeMarkdown(what)}.** Traffic was left as it is.`,
          `**Now:** ${now}.`,
          `Deployment ${code(String(id))} · ${link('The run that found it', runUrl)}`,
        ].join('\n\n'),
        marker: {
          schema: 'devops-actions/incident@1',
          service,
          environment,
          severity: 'medium',
          causedBy: id,
          // The same as auto-rollback's, so that it stays one incident.
          fingerprint: `unwatched:${environment}:${service}:${id}`,
          openedAt: isoInstant(github.now()),
        },
      },
      writers,
      once,
    );
    return `${what}. Fix: ${now}. Incident: ${url}`;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `${what}. Fix: ${now}. No incident could be opened: ${why}`;
  }
}
