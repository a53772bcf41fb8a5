import { cdPath, ciPath, digest, gateStage, policyPath } from './stage.js';

const policy = `
version: 1
environments:
  production:
    gates:
      branch: [main, 'hotfix/*']
      checks: { required: [{ name: test, workflow: ${ciPath}, events: [push] }] }
      promotion: { from: staging }
      monotonic: true
      incidents: { block-at: high }
`;

/** What a gate check of an ordinary release asks GitHub, by the stand-in's count. */
export interface Asked {
  passed: boolean;
  /** Operations in order. */
  requests: string[];
  /** Workflows the policy requires, and runs that had to be proved. */
  workflows: number;
  runs: number;
}

/** One release is live in production, the next one is green and live in staging, and asks for production. */
export async function askProduction(): Promise<Asked> {
  const world = await gateStage();
  try {
    const release = async (text: string, environment: string, built = digest) => {
      const sha = world.push({ 'app.txt': text, [policyPath]: policy });
      world.ran({ sha });
      const runId = world.ran({ sha, path: cdPath, job: 'gate' });
      await world.deployed({ service: 'shop', environment, sha, runId, payload: { digest: built } });
      return { sha, runId, service: 'shop' };
    };
    await release('live', 'production', `sha256:${'e'.repeat(64)}`);
    const next = await release('next', 'staging');
    const before = world.server.control.requests().length;
    const { ok } = await world.check(next);
    const requests = world.server.control.requests().slice(before);
    return { passed: ok, requests: requests.map(({ operation }) => operation ?? ''), workflows: 1, runs: 2 };
  } finally {
    await world.close();
  }
}

/** Most requests that a check may make. */
export const mostRequests = ({ workflows, runs }: Asked) => 4 + 2 * workflows + runs;
