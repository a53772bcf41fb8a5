import type { GitHub } from '../../../shared/github/client.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Prove } from '../../../shared/ledger/proof/trust.js';
import { provedLive } from '../../../shared/traffic/switch/ledger-outcome.js';

/** What is live by the ledger, with the records that may have changed the schema before; undefined before the first. */
export interface Ledger {
  live: DeploymentRecord | undefined;
  history: readonly DeploymentRecord[];
}

/**
 * Reads what is live. Throws where it cannot be known: taken for a first deployment, every table would be new and
 * nothing could hurt.
 */
export async function readLedger(
  github: GitHub,
  prove: Prove,
  query: { environment: string; service: string; writers: readonly string[] },
): Promise<Ledger> {
  const { environment, service, writers } = query;
  const { records, complete } = await listDeployments(github, {
    environments: [environment],
    service,
    writers,
    wholeFirst: true,
    limit: 1_000,
  });
  if (!complete)
    throw new Error(
      `There are more Deployments of ${service} in ${environment} than can be read. ${baseFix}`,
    );
  const { live, history, nothing, unread } = await provedLive({ prove, environment, service }, records);
  // A record that is not believed may be in the place of one that would be.
  const doubtful = history.some(
    ({ statuses, distrust }) => distrust.length > 0 || statuses.some(({ state }) => state === 'success'),
  );
  if (!live && (unread || doubtful))
    throw new Error(
      `What is live is not known, and something was: ${nothing}.\nFix: run blue-green-switch with mode: reconcile or adopt. ${baseFix}`,
    );
  return { live, history };
}

const baseFix = 'To compare with a release by hand, set the input "base" to its tag or commit.';
