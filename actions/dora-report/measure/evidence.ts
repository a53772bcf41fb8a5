import type { DoraFacts } from '../../../shared/contracts/dora-report.js';
import type { GraphCommit } from '../metrics/commit-graph.js';
import type { Failure, IncidentFact } from '../metrics/failures.js';
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
  incident(incident: Pick<IncidentFact, 'number' | 'url' | 'title'>): Evidence;
  failure(failure: Failure, unit: Unit): Evidence;
  rework(reason: ReworkReason, unit: Unit): Evidence;
}

/** Evidence of one repository. A Deployment has no page of its own on GitHub, so its link is the run that made it. */
export function evidencesOf(facts: Pick<DoraFacts, 'repositoryUrl' | 'deployments'>): Evidences {
  const runs = new Map(facts.deployments.map(({ id, run }) => [id, run]));
  const deploymentUrl = (id: number) => {
    const run = runs.get(id);
    return run
      ? `${facts.repositoryUrl}/actions/runs/${run.id}/attempts/${run.attempt}`
      : facts.repositoryUrl;
  };
  const commitUrl = (sha: string) => `${facts.repositoryUrl}/commit/${sha}`;
  const deployment: Evidences['deployment'] = ({ id, version, service }) => ({
    text: `${service} ${version} (deployment ${id})`,
    url: deploymentUrl(id),
  });
  const incident: Evidences['incident'] = ({ number, url, title }) => ({
    text: `incident ${number}: ${title}`,
    url,
  });
  return {
    deployment,
    incident,
    commit: ({ oid, headline }) => ({ text: `${oid.slice(0, 7)} ${headline}`, url: commitUrl(oid) }),
    failure(failure, unit) {
      switch (failure.sign) {
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
          return incident(failure.incident);
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
