import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import type { Clock } from '../../../shared/time/clock.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';
import type { GitHubOptions } from '../../../rehearsal/github/server.js';
import { allWrite, stage, type Stage } from '../../rehearsal/github/support.js';

export interface LedgerStage extends Stage {
  /** The ledger's own identity. */
  github: GitHub;
  /** Another identity, or the same with fewer permissions. */
  as(actor: string, permissions?: Permissions): Promise<GitHub>;
  /** Head of main. */
  sha: string;
  payload(changed?: Partial<DeploymentPayload>): DeploymentPayload;
}

/** Waits of retries take no time. */
const clock: Clock = { now: () => Date.now(), sleep: async () => undefined };

/** The stand-in as the ledger sees it: one repository of one commit, seen by the Actions bot and by people. */
export async function ledgerStage(options: GitHubOptions = {}): Promise<LedgerStage> {
  const base = await stage(options);
  const as: LedgerStage['as'] = (actor, permissions = allWrite) =>
    openGitHub({
      token: base.server.control.addToken({ actor, permissions }).token,
      at: { owner: base.at.owner, repository: base.at.repo, apiUrl: base.server.url },
      clock,
      random: () => 0,
    });
  const { commit: sha, tree } = base.first;
  return {
    ...base,
    as,
    github: await as('github-actions[bot]'),
    sha,
    payload: (changed = {}) => ({
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version: '1.0.0',
      releaseId: 'r1',
      builtSha: sha,
      releasedSha: sha,
      tree,
      digest: `sha256:${'a'.repeat(64)}`,
      kind: 'release',
      colour: 'blue',
      waivers: [],
      run: { id: 1, attempt: 1 },
      ...changed,
    }),
  };
}
