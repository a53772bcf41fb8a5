import type {
  EvidenceNeed,
  GateEvidence,
  GateRequest,
  Piece,
} from '../../../shared/contracts/gate-evidence.js';
import type { GitHub } from '../../../shared/github/client.js';
import { ask, Unknowable } from './ask.js';
import { readBranches } from './branches.js';
import { readChecks } from './checks.js';
import { readCommit, type CommitNode } from './commit-query.js';
import type { ReleaseRuns } from '../../../shared/ledger/trust.js';
import { readComparison, readDeployments } from './deployments.js';
import { readIncidents } from './incidents.js';

/** How to look: when, whose records count, and the branch to try first. */
export interface Collecting {
  now: number;
  writers: readonly string[];
  branch: string;
  /** Workflows whose runs may have written the ledger. */
  release: ReleaseRuns;
}

/** Permissions of each kind, named when GitHub refuses without saying which is missing. */
const permissions = {
  commit: 'contents: read',
  checks: 'checks: read\n    statuses: read\n    actions: read',
  deployments: 'deployments: read',
  incidents: 'issues: read',
  comparison: 'contents: read',
  branches: 'contents: read',
} as const;

/** Looks up what the gates need, each kind once and all at the same time. A kind that cannot be read is unknown, and the others are read all the same. */
export async function collectEvidence(
  github: GitHub,
  request: GateRequest,
  needs: readonly EvidenceNeed[],
  how: Collecting,
): Promise<GateEvidence> {
  const asked = <K extends EvidenceNeed['kind']>(kind: K) =>
    needs.filter((need): need is Extract<EvidenceNeed, { kind: K }> => need.kind === kind);
  const commitPart = asked('commit').length > 0;
  const checksPart = asked('checks').length > 0;
  const environments = [...new Set(asked('deployments').flatMap((need) => need.environments))];
  const patterns = [...new Set(asked('branches').flatMap((need) => need.patterns))];
  const workflows = [...new Set(asked('checks').flatMap((need) => need.workflows))];

  const reading = shareCommit(github, request.sha, { tree: commitPart, checks: checksPart });
  const deployments =
    environments.length > 0
      ? ask(permissions.deployments, () => readDeployments(github, request, environments, how))
      : undefined;

  return settle({
    commit: commitPart
      ? ask(permissions.commit, async () => readTree(request.sha, await reading('tree')))
      : undefined,
    checks: checksPart
      ? ask(permissions.checks, async () => readChecks(github, request, await reading('checks'), workflows))
      : undefined,
    deployments,
    incidents:
      asked('incidents').length > 0
        ? ask(permissions.incidents, () => readIncidents(github, how.writers))
        : undefined,
    comparison:
      asked('comparison').length > 0
        ? ask(permissions.comparison, async () =>
            readComparison(github, request, valueOf(await deployments), how.release),
          )
        : undefined,
    branches:
      patterns.length > 0
        ? ask(permissions.branches, () => readBranches(github, request, patterns, how.branch))
        : undefined,
  });
}

/** One request for all parts of the commit; when that is refused, one for each, so that a permission missing for one part does not hide the other. */
function shareCommit(github: GitHub, sha: string, parts: { tree: boolean; checks: boolean }) {
  let whole: Promise<CommitNode> | undefined;
  return async (part: 'tree' | 'checks'): Promise<CommitNode> => {
    whole ??= readCommit(github, sha, parts);
    try {
      return await whole;
    } catch (error) {
      if (!parts.tree || !parts.checks) throw error;
      return readCommit(github, sha, { tree: part === 'tree', checks: part === 'checks' });
    }
  };
}

function readTree(sha: string, { tree }: CommitNode): { sha: string; tree: string } {
  if (!tree) throw new Unknowable(`commit ${sha} has no tree`);
  return { sha, tree: tree.oid };
}

function valueOf<T>(piece: Piece<T> | undefined): T {
  if (piece?.is !== 'known') {
    const reason = piece?.reason ?? 'it was not asked';
    throw new Unknowable(`the ledger could not be read: ${reason}`, piece?.permission);
  }
  return piece.value;
}

async function settle(pending: {
  [K in keyof GateEvidence]: Promise<GateEvidence[K]> | undefined;
}): Promise<GateEvidence> {
  const found = await Promise.all(
    Object.entries(pending).map(async ([kind, piece]) => [kind, await piece] as const),
  );
  return Object.fromEntries(found.filter(([, piece]) => piece !== undefined)) as GateEvidence;
}
