import { readFileSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/gate-check/main.js';
import { replay } from '../../../actions/gate-check/replay.js';
import { gateReportSchema } from '../../../actions/gate-check/report.js';
import type { Annotation } from '../../../shared/report/annotation.js';
import { actionsRunner, type RunnerPort } from '../../../shared/runner/port.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { ciPath, digest, gateStage, policyPath, workspaceWith, type GateStage } from './stage.js';

let world: GateStage;
let temp: string;

beforeAll(async () => {
  world = await gateStage();
  temp = workspaceWith({});
  world.push({
    [policyPath]: `
version: 1
environments:
  production:
    gates:
      branch: [main]
      checks: { required: [{ name: test, workflow: ${ciPath}, events: [push] }] }
`,
  });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  rmSync(temp, { recursive: true });
  expect(violations).toEqual([]);
});

/** Runs the whole action as a step does, from its environment variables to its outputs. */
async function step(sha: string, inputs: Record<string, string> = {}) {
  const { token } = world.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'read', checks: 'read', statuses: 'read', actions: 'read' },
  });
  const seen = {
    outputs: {} as Record<string, string>,
    summary: '',
    failed: '',
    annotations: [] as Annotation[],
  };
  const given = { environment: 'production', service: 'shop', digest, 'github-token': token, ...inputs };
  const port: RunnerPort = {
    ...actionsRunner(),
    env: {
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: sha,
      GITHUB_RUN_ID: '77',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: temp,
      RUNNER_TEMP: temp,
      GITHUB_API_URL: world.server.url,
      GITHUB_SERVER_URL: world.server.url,
      ...Object.fromEntries(
        Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
    },
    print: () => undefined,
    debug: () => undefined,
    maskInLog: () => undefined,
    startGroup: () => undefined,
    endGroup: () => undefined,
    annotate: (annotation) => void seen.annotations.push(annotation),
    fail: (message) => void (seen.failed = message),
    setOutput: (name, value) => void (seen.outputs[name] = value),
    appendSummary: async (markdown) => void (seen.summary += markdown),
    onStop: () => () => undefined,
  };
  await runAction(action, 'main', port);
  return seen;
}

describe('the step', () => {
  it('goes from red over running to green as the workflow is run again, and only then gives a verdict', async () => {
    const sha = world.push({ 'app.txt': '1' });
    const runId = world.ran({ sha, conclusion: 'failure' });
    const red = await step(sha);
    expect(red.outputs).toMatchObject({
      result: 'fail',
      verdict: '',
      'opens-at': '',
      'failed-gates': 'checks',
    });
    expect(red.failed).toContain('checks: test of run #1 (push): failure');
    expect(red.annotations.map(({ level, title }) => [level, title])).toEqual([['error', 'Gate checks']]);

    world.server.control.addAttempt(runId);
    const begun = await step(sha);
    expect(begun.failed).toContain('has not started in attempt 2');
    const { id } = world.server.control.addJob(runId, { name: 'test', key: 'test' });
    world.server.control.progressJob(id, { status: 'in_progress' });
    world.server.control.progressRun(runId, { status: 'in_progress' });
    const running = await step(sha);
    expect(running.outputs).toMatchObject({ result: 'hold', verdict: '', 'failed-gates': '' });
    expect(running.failed).toContain('still running');

    world.server.control.progressJob(id, { status: 'completed', conclusion: 'success' });
    world.server.control.progressRun(runId, { status: 'completed', conclusion: 'success' });
    const green = await step(sha);
    expect(green.failed).toBe('');
    expect(JSON.parse(green.outputs['verdict']!)).toMatchObject({ result: 'pass', sha, runId: 77 });
    expect(green.summary).toMatch(/^## ✅ shop may go to production\n/);
  });

  it('writes a report that replays to the same decision', async () => {
    const sha = world.push({ 'app.txt': '2' });
    world.ran({ sha });
    const { outputs } = await step(sha);
    const report = gateReportSchema.parse(JSON.parse(readFileSync(outputs['report']!, 'utf8')));
    expect(replay(report)).toMatchObject({
      result: 'pass',
      message: report.message,
      gates: report.gates,
      verdict: report.verdict,
    });
  });

  it('is an error, never a pass, when its inputs or its policy are wrong', async () => {
    const sha = world.git('rev-parse', 'HEAD');
    const wrong: Record<string, string>[] = [
      { digest: 'latest' },
      { sha: 'main' },
      { environment: 'prod' },
      { policy: '.github/none.yml' },
      { policy: '../x.yml' },
    ];
    for (const inputs of wrong) {
      const { outputs, failed } = await step(sha, inputs);
      expect(outputs).toMatchObject({ result: 'error' });
      expect(outputs['verdict']).toBeUndefined();
      expect(failed).toContain('Nothing was done');
    }
  });
});
