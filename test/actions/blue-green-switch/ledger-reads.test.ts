import { afterEach, describe, expect, it } from '@jest/globals';
import { twoReleases } from '../../support/traffic/two-releases.js';
import { trafficStage, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
afterEach(() => at.close());

const bot = 'github-actions[bot]';

/** What other services, and jobs that name the environment, leave in a repository. */
function flood(count: number) {
  for (const task of ['devops-actions/cart', 'deploy'])
    at.stand.server.control.addDeployments({
      ...{ owner: 'acme', name: 'shop', actor: bot, ref: at.sha, environment: 'production' },
      task,
      count: count / 2,
    });
}

/** The requests that read the ledger, in the order they were made. */
const reads = (from: number) =>
  at.stand.server.control
    .requests()
    .slice(from)
    .map(({ method, path, operation }) => `${method} ${operation ?? path}`)
    .filter((request) => /Ledger(Deployments|Oldest)|GET .*\/deployments/.test(request));

/** Every mode that reads the ledger, with the reads of each. */
async function everyMode(foreign: number) {
  at = await trafficStage();
  flood(foreign);
  const seen: Record<string, string[]> = {};
  const step = async (name: string, run: () => Promise<{ ok?: boolean }>) => {
    const from = at.stand.server.control.requests().length;
    expect((await run()).ok).not.toBe(false);
    seen[name] = reads(from);
  };
  const job = at.startRun();
  await step('status', () => at.step(job, { mode: 'status' }));
  await step('releases', async () => ({ ok: Boolean(await twoReleases(at, job)) }));
  flood(foreign);
  await step('reconcile', () => at.step(at.startRun(), { mode: 'reconcile' }));
  await step('retire', () => at.step(at.startRun(), { mode: 'retire', remove: 'x', bake: '1h' }));
  await step('revert', () => at.step(at.startRun(), { mode: 'revert' }));
  return seen;
}

describe('switch fault 12', () => {
  it('3,200 Deployments of others cost no mode a single read more than none', async () => {
    const none = await everyMode(0);
    await at.close();
    const many = await everyMode(3_200);
    expect(many).toEqual(none);
    expect(many['status']).toHaveLength(1);
    expect(many['releases']!.length).toBeGreaterThan(2);
  });
});
