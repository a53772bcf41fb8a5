import type { DoraFacts } from '../../../shared/contracts/dora-facts.js';
import type { GraphCommit } from '../metrics/commit-graph.js';
import type { Durations } from '../../../shared/contracts/reports/dora-report.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { LeadTimes } from '../metrics/lead-time.js';
import type { Failure, IncidentFact } from '../metrics/failures.js';
import type { PullFact } from '../metrics/pulls.js';
import type { Recovery } from '../metrics/recovery.js';
import type { ReworkReason } from '../metrics/rework.js';
import type { Unit } from '../metrics/units.js';

export interface Evidence {
  text: string;
  url: string;
}

/**
 * Words and addresses of the things behind the numbers. Text of others goes in unescaped: each sink escapes for itself.
 */
export interface Evidences {
  deployment(unit: Pick<Unit, 'id' | 'version' | 'service'>): Evidence;
  commit(commit: GraphCommit): Evidence;
  incident(incident: Pick<IncidentFact, 'key' | 'url' | 'title'>): Evidence;
  pull(pull: Pick<PullFact, 'number' | 'url' | 'title'>): Evidence;
  recovery(recovery: Recovery, unit: Unit): Evidence;
  failure(failure: Failure, unit: Unit): Evidence;
  rework(reason: ReworkReason, unit: Unit): Evidence;
  /** The same events for all services together and for its own: there may be a hundred thousand. */
  leadTimes(deployment: Unit & { leadTimes: LeadTimes }): Durations['events'];
}

/** What measuring says; commits have been put into words by then. */
export type Said = Omit<Evidences, 'commit'>;

/**
 * Evidence of one repository; `prefix` names it where there are several. A Deployment has no page of its own on GitHub,
 * so its link is the run that made it.
 */
export function evidencesOf(facts: Pick<DoraFacts, 'repositoryUrl' | 'deployments'>, prefix = ''): Evidences {
  const records = new Map(facts.deployments.map((record) => [record.id, record]));
  const deploymentUrl = (id: number) => {
    const { url, run } = records.get(id) ?? {};
    if (url !== undefined) return url;
    return run
      ? `${facts.repositoryUrl}/actions/runs/${run.id}/attempts/${run.attempt}`
      : facts.repositoryUrl;
  };
  const commits = `${facts.repositoryUrl}/commit/`;
  const commitUrl = (sha: string) => `${commits}${sha}`;
  const deployment: Evidences['deployment'] = ({ id, version, service }) => ({
    text: `${prefix}${service} ${version} (deployment ${id})`,
    url: deploymentUrl(id),
  });
  const incident: Evidences['incident'] = ({ key, url, title }) => ({
    text: `${prefix}incident ${key}: ${title}`,
    url,
  });
  const commit: Evidences['commit'] = ({ oid, headline }) => ({
    text: `${prefix}${oid.slice(0, 7)} ${headline}`,
    url: commitUrl(oid),
  });
  const events = new Map<number, Durations['events']>();
  return {
    deployment,
    incident,
    commit,
    leadTimes(unit) {
      const made = events.get(unit.id);
      if (made) return made;
      const [until, at] = [deployment(unit), isoInstant(unit.at)];
      const all = unit.leadTimes.samples.map(({ commit: of, hours }) => ({
        hours,
        of: commit(of),
        until,
        at,
      }));
      events.set(unit.id, all);
      return all;
    },
    pull: ({ number, url, title }) => ({ text: `${prefix}#${number} ${title}`, url }),
    recovery(recovery, unit) {
      switch (recovery.by) {
        case 'deployment':
          return deployment(recovery.unit);
        case 'incident closed':
          return { text: `${prefix}incident ${recovery.key} closed`, url: recovery.url };
        case 'its own switch':
          return { text: 'its own switch took traffic back', url: deploymentUrl(unit.id) };
      }
    },
    failure(failure, unit) {
      switch (failure.sign) {
        case 'taken back by its switch':
          return { text: 'its switch gave it traffic and took it back', url: deploymentUrl(unit.id) };
        case 'taken back':
          return { text: 'its status became failure after success', url: deploymentUrl(unit.id) };
        case 'rolled back':
          return { text: `undone by ${deployment(failure.by).text}`, url: deploymentUrl(failure.by.id) };
        case 'reverted':
          return {
            text: `its commit ${failure.commit.slice(0, 7)} was reverted`,
            url: commitUrl(failure.commit),
          };
        case 'incident':
          return failure.byTime
            ? { ...incident(failure.incident), text: `${incident(failure.incident).text} (linked by time)` }
            : incident(failure.incident);
      }
    },
    rework(reason, unit) {
      switch (reason.why) {
        case 'rollback':
          return {
            text: reason.of ? `took back ${deployment(reason.of).text}` : 'a rollback',
            url: deploymentUrl(reason.of?.id ?? unit.id),
          };
        case 'hotfix after failure':
          return {
            text: `hotfix after the failure of ${deployment(reason.of).text}`,
            url: deploymentUrl(reason.of.id),
          };
        case 'hotfix after incident':
          return { ...incident(reason.incident), text: `hotfix after ${incident(reason.incident).text}` };
        case 'revert':
          return {
            text: `reverts ${reason.commit.slice(0, 7)} of ${deployment(reason.of).text}`,
            url: commitUrl(reason.commit),
          };
      }
    },
  };
}
