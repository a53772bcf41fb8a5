import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../../actions/blue-green-switch/main.js';
import type { ActionDefinition } from '../../../../shared/runner/define-action.js';
import { inputVariable } from '../../../../shared/runner/read-inputs.js';
import { runAction } from '../../../../shared/runner/run-action.js';
import { testRunner } from '../../../support/runner/port.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
});
afterEach(() => at.close());

/** The switch as the runner starts it, on a disk that takes nothing. */
async function switchOnFullDisk() {
  const { token } = at.stand.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  });
  const inputs = {
    ...{ mode: 'switch', environment: 'production', service: 'shop', traffic: 'traffic.yml', sha: at.sha },
    ...{ 'job-id': String(job.jobId), 'github-token': token, verdict: at.verdict(job) },
  };
  const runner = testRunner({
    GITHUB_SHA: at.sha,
    GITHUB_RUN_ID: String(job.runId),
    GITHUB_RUN_ATTEMPT: String(job.attempt),
    GITHUB_WORKSPACE: at.workspace,
    GITHUB_API_URL: at.stand.server.url,
    GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/cd.yml@refs/heads/main',
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [inputVariable(name), value])),
  });
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  runner.writeFile = runner.appendSummary = () => Promise.reject(full());
  runner.setOutput = runner.saveState = () => {
    throw full();
  };
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  return runner;
}

describe('switch fault 22: a switch on a runner whose disk is full', () => {
  it('ends as ever: a good release is live, recorded and unlocked, and the log has verdict, outputs and report', async () => {
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const runner = await switchOnFullDisk();
    expect(runner.failure).toBeUndefined();
    expect(at.live()).toBe('green');
    expect(await at.refs()).toEqual([]);
    expect((await at.deployments())[0]!.statuses.at(-1)!.state).toBe('success');
    const log = runner.printed.join('\n');
    for (const text of ['result=switched', 'live=green', '"result": "switched"', '2.0.0 is live on green'])
      expect(log).toContain(text);
    const said = runner.annotations.map(({ message }) => message).join('\n');
    expect(said).toMatch(/could not be noted for its clean-up[^]*Not written: output "result": ENOSPC/);
    expect(runner.debugged).toEqual([]);
  });

  it('is refused with its reasons all the same', async () => {
    await at.reserve(job);
    const runner = await switchOnFullDisk();
    expect(runner.failure).toMatch(/^Refused, nothing was moved: .*\[colour-runs-another\]/);
    expect(runner.printed.join('\n')).toContain('result=refused');
    expect(at.live()).toBe('blue');
  });
});
