import type { GitHub } from '../../../../shared/github/client.js';
import { listDeployments } from '../../../../shared/ledger/list-deployments.js';
import { distrustUnread } from '../../../../shared/ledger/record.js';
import { ledgerFact } from './ledger-fact.js';
import { listPlainDeployments } from './plain-deployments.js';
import { listReleases } from './releases.js';
import { listRuns } from './runs.js';
import type { Deployments, SourceRequest } from './request.js';
import { listTags } from './tags.js';

/** The deployments of the one source that was chosen, so that none is counted twice. */
export async function readDeployments(github: GitHub, request: SourceRequest): Promise<Deployments> {
  switch (request.source) {
    case 'ledger': {
      const { environment, from, writers } = request;
      const listed = await listDeployments(github, { environments: [environment], since: from, writers });
      const { records, requests, complete } = listed;
      return {
        deployments: distrustUnread(records).map(ledgerFact),
        requests,
        complete,
        byEnvironment: true,
      };
    }
    case 'deployments':
      return { ...(await listPlainDeployments(github, request)), byEnvironment: true };
    case 'releases':
      return { ...(await listReleases(github, request)), byEnvironment: false };
    case 'tags':
      return { ...(await listTags(github, request)), byEnvironment: false };
    case 'runs':
      return { ...(await listRuns(github, request)), byEnvironment: false };
  }
}
