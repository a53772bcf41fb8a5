import type { Deployment, DeploymentStatus } from '../model.js';
import { nodeId } from '../node-id.js';
import { graphqlState } from '../rules/deployments.js';
import { iso } from '../state.js';
import { actorFields } from './actors.js';
import { commitOrNull } from './commits.js';
import { connection, type PageArguments } from './connection.js';
import { refFields } from './refs.js';
import type { Fields, View } from './view.js';

const orNull = (text: string): string | null => (text === '' ? null : text);

export function deploymentStatusFields(view: View, deployment: Deployment, status: DeploymentStatus): Fields {
  return {
    __typename: 'DeploymentStatus',
    id: nodeId('DES', view.repo.id, status.id),
    state: status.state.toUpperCase(),
    description: orNull(status.description),
    environment: status.environment,
    environmentUrl: orNull(status.environmentUrl),
    logUrl: orNull(status.logUrl),
    creator: actorFields(view.state, status.creator),
    createdAt: iso(status.createdAt),
    updatedAt: iso(status.createdAt),
    deployment: () => deploymentFields(view, deployment),
  };
}

export function deploymentFields(view: View, deployment: Deployment): Fields {
  const { state, repo } = view;
  const last = deployment.statuses.at(-1);
  return {
    __typename: 'Deployment',
    id: nodeId('DE', repo.id, deployment.id),
    databaseId: deployment.id,
    // Where REST gives the object, GraphQL gives its JSON text; a string payload is quoted once more.
    payload: JSON.stringify(deployment.payload),
    task: deployment.task,
    environment: deployment.environment,
    originalEnvironment: deployment.originalEnvironment,
    latestEnvironment: deployment.environment,
    commitOid: deployment.sha,
    commit: () => commitOrNull(view, deployment.sha),
    ref: async () => {
      const names = [`refs/heads/${deployment.ref}`, `refs/tags/${deployment.ref}`];
      for (const name of names) {
        const ref = await repo.git.ref(name);
        if (ref !== null) return refFields(view, ref);
      }
      return null;
    },
    creator: actorFields(state, deployment.creator),
    createdAt: iso(deployment.createdAt),
    updatedAt: iso(deployment.updatedAt),
    description: deployment.description,
    state: graphqlState(deployment, state.now()),
    latestStatus: last === undefined ? null : deploymentStatusFields(view, deployment, last),
    statuses: (args: PageArguments) =>
      connection(
        'statuses',
        [...deployment.statuses].reverse(),
        args,
        ({ id }) => id,
        (status) => deploymentStatusFields(view, deployment, status),
      ),
  };
}

export interface DeploymentArguments extends PageArguments {
  environments?: string[] | null;
  orderBy?: { field: 'CREATED_AT'; direction: 'ASC' | 'DESC' } | null;
}

/** Repository.deployments: oldest first unless ordered, filtered by environment names. */
export function deploymentsFields(view: View, args: DeploymentArguments): Fields {
  const environments = args.environments ?? null;
  const chosen = view.repo.deployments
    .filter(({ environment }) => environments === null || environments.includes(environment))
    .sort((a, b) => a.createdAt - b.createdAt || a.id - b.id);
  if (args.orderBy?.direction === 'DESC') chosen.reverse();
  return connection(
    'deployments',
    chosen,
    args,
    ({ id }) => id,
    (one) => deploymentFields(view, one),
  );
}
