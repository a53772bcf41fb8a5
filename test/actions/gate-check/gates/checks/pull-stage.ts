import { afterAll, beforeAll } from '@jest/globals';
import { cdPath, ciPath, gateStage, type Checked, type GateStage } from '../../stage.js';

/** A policy of the gate checks alone; each entry is a required job `test` of the CI workflow with more keys. */
export const policyOf = (...more: string[]) =>
  `version: 1\nenvironments: { production: { gates: { checks: { required: [${more
    .map((keys) => `{ name: test, workflow: ${ciPath}${keys} }`)
    .join(', ')}] } } } }\n`;

/** Pull requests, their runs, and what the gate checks says of a commit. */
export interface PullStage {
  readonly world: GateStage;
  /** A branch of its own with one commit on top of main. */
  branch(): { name: string; head: string };
  /** Opens a pull request; gives its number. */
  open(head: string, base?: string): Promise<number>;
  /** Merges it; gives the commit. */
  merge(number: number, method?: 'merge' | 'squash' | 'rebase'): Promise<string>;
  close(number: number): Promise<void>;
  /** Another commit on the branch. */
  push(branch: string, file: string): string;
  /** A run of CI for a pull request of the branch. */
  tested(sha: string, branch: string, conclusion?: string): number;
  /** What the gate says, asked by a run of another workflow. */
  ask(sha: string, permissions?: Record<string, 'read'>): Promise<Checked['gates'][string]>;
}

/** One stand-in for the tests of a file. */
export function pullStage(): PullStage {
  let world: GateStage;
  let branches = 0;
  beforeAll(async () => {
    world = await gateStage();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    if (violations.length > 0) throw new Error(JSON.stringify(violations));
  });
  const commitOn = (branch: string, file: string) => {
    world.git('checkout', '-q', branch);
    const sha = world.push({ [file]: branch });
    world.git('checkout', '-q', 'main');
    return sha;
  };
  return {
    get world() {
      return world;
    },
    branch: () => {
      const name = `feature/${++branches}`;
      world.git('branch', name, 'main');
      return { name, head: commitOn(name, `src/${branches}.txt`) };
    },
    open: async (head, base = 'main') => {
      const octocat = await world.as('octocat');
      const asked = { title: head, head, base };
      return (await octocat.rest('POST /repos/{owner}/{repo}/pulls', asked)).number;
    },
    merge: async (pull_number, merge_method = 'squash') => {
      const octocat = await world.as('octocat');
      const asked = { pull_number, merge_method };
      const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', asked);
      world.git('reset', '-q', '--hard', 'main');
      return sha;
    },
    close: async (issue_number) => {
      const octocat = await world.as('octocat');
      const asked = { issue_number, state: 'closed' } as const;
      await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', asked);
    },
    push: commitOn,
    tested: (sha, branch, conclusion = 'success') =>
      world.ran({ sha, event: 'pull_request', branch, conclusion }),
    ask: async (sha, permissions) => {
      const runId = world.ran({ sha, path: cdPath, job: 'gate' });
      const asked = { service: 'shop', sha, runId, ...(permissions ? { permissions } : {}) };
      return (await world.check(asked)).gates['checks']!;
    },
  };
}
