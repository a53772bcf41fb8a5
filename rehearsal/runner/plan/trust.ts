import { memberOf, textOf } from '../payload.js';
import type { WorkflowRequest } from '../request.js';

/** Where the secrets of a run come from, as `github.secret_source` says; with `Actions` alone there are any here. */
export type SecretSource = 'Actions' | 'Dependabot' | 'None';

type Part = Pick<WorkflowRequest, 'event' | 'repository'>;

/** A fork that is gone is `null`; an event that does not say where the branch is comes from the repository itself. */
function isFork({ event: { payload }, repository }: Part): boolean {
  const head = memberOf(payload, 'pull_request', 'head', 'repo');
  if (head === null) return true;
  const name = textOf(head, 'full_name').toLowerCase();
  return name !== '' && name !== `${repository.owner}/${repository.name}`.toLowerCase();
}

/** GitHub docs, "Troubleshooting Dependabot on GitHub Actions": its events run as those of a fork do. */
const ofDependabot = ['pull_request', 'push', 'create', 'deployment', 'deployment_status'];

/**
 * GitHub docs, "Workflow syntax: how permissions are calculated" and "Using secrets in GitHub Actions": the pull request
 * of a fork gets no secrets, and a token that writes nothing. `pull_request_target` is another event.
 */
export function secretSource(part: Part): SecretSource {
  const { name, actor } = part.event;
  if (name === 'pull_request' && isFork(part)) return 'None';
  return actor === 'dependabot[bot]' && ofDependabot.includes(name) ? 'Dependabot' : 'Actions';
}
