import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { action } from '../../../actions/dora-report/main.js';
import { compute } from '../../../actions/dora-report/measure/compute.js';
import { startGitHub, type GitHubServer } from '../../../rehearsal/github/server.js';
import { doraReportSchema } from '../../../shared/contracts/reports/dora-report.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import { readInputs, inputVariable } from '../../../shared/runner/read-inputs.js';
import { systemClock } from '../../../shared/runner/port.js';
import { testHost } from '../../support/runner/host.js';

const hour = 3_600_000;
const begin = Date.parse('2026-03-02T10:00:00Z');

describe('dora-report against a GitHub that keeps state', () => {
  let server: GitHubServer;
  let gitDir: string;
  let github: GitHub;
  let token: string;
  let now = begin;

  beforeAll(async () => {
    gitDir = mkdtempSync(join(tmpdir(), 'dora-report-'));
    git('init', '-q', '-b', 'main');
    server = await startGitHub({ now: () => now });
    server.control.addRepository({ owner: 'acme', name: 'shop', gitDir, defaultBranch: 'main' });
    token = server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { contents: 'read', deployments: 'write', issues: 'write' },
    }).token;
    const clock = { now: () => now, sleep: systemClock.sleep };
    github = await openGitHub({
      token,
      at: { owner: 'acme', repository: 'shop', apiUrl: server.url },
      clock,
      random: () => 0.5,
    });
  });

  afterAll(async () => {
    await server.close();
    rmSync(gitDir, { recursive: true, force: true });
  });

  function git(...args: string[]): string {
    const date = new Date(now).toISOString();
    const env = {
      PATH: process.env['PATH'],
      HOME: gitDir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'ana',
      GIT_AUTHOR_EMAIL: 'ana@example.com',
      GIT_COMMITTER_NAME: 'ana',
      GIT_COMMITTER_EMAIL: 'ana@example.com',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    };
    return execFileSync('git', args, { cwd: gitDir, env, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  }

  function commit(message: string): string {
    git('commit', '-q', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  }

  async function deploy(
    sha: string,
    version: string,
    more: { kind?: 'rollback'; previous?: number } = {},
  ): Promise<number> {
    const id = await createDeployment(github, {
      environment: 'production',
      service: 'shop',
      sha,
      production: true,
      description: `shop ${version}`,
      payload: {
        suite: 'devops-actions/deployment@1',
        service: 'shop',
        version,
        releaseId: version,
        builtSha: sha,
        releasedSha: sha,
        tree: git('rev-parse', `${sha}^{tree}`),
        digest: `sha256:${'a'.repeat(64)}`,
        kind: 'release',
        colour: 'blue',
        waivers: [],
        run: { id: 40 + Math.floor((now - begin) / hour), attempt: 1 },
        ...more,
      },
    });
    await setDeploymentStatus(github, id, 'in_progress', 'switching');
    await setDeploymentStatus(github, id, 'success', 'live');
    return id;
  }

  const inputsOf = (given: Record<string, string>) =>
    readInputs(
      action.inputs,
      Object.fromEntries(
        Object.entries({ 'github-token': token, ...given }).map(([name, value]) => [
          inputVariable(name),
          value,
        ]),
      ),
    );

  const run = (given: Record<string, string> = {}) =>
    action.run(
      inputsOf(given),
      testHost({
        clock: { now: () => now, sleep: systemClock.sleep },
        context: { apiUrl: server.url, serverUrl: server.url },
      }),
    );

  it('reports nothing, without failing, before anything was deployed', async () => {
    const outcome = await run();
    expect(outcome).toMatchObject({
      ok: true,
      outputs: {
        result: 'no-deployments',
        'deployments-per-day': '0',
        'change-fail-rate': '',
        'change-lead-time-p50-hours': '',
        'recovery-time-p50-hours': '',
        'rework-rate': '',
      },
    });
  });

  it('measures a good release, a bad one that was taken back, and its incident', async () => {
    const first = commit('First');
    now += hour;
    const good = await deploy(first, '1.0.0');
    now += hour;
    const second = commit('Second');
    now += 2 * hour;
    const bad = await deploy(second, '1.1.0', { previous: good });
    now += hour / 2;
    await setDeploymentStatus(github, bad, 'failure', 'taken back');
    const back = await deploy(first, '1.0.0', { kind: 'rollback', previous: bad });
    const opened = await openIncident(github, {
      title: 'Error rate </script> over 5 %',
      body: 'Evidence.',
      marker: {
        schema: 'devops-actions/incident@1',
        service: 'shop',
        environment: 'production',
        severity: 'high',
        causedBy: bad,
        fingerprint: `rollback:production:shop:${bad}`,
        openedAt: new Date(now).toISOString(),
      },
    });
    now += hour;
    await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: opened.number,
      state: 'closed',
    });
    now += hour;

    const outcome = await run({ window: '1w', services: 'shop' });
    expect(outcome.outputs).toEqual({
      result: 'measured',
      'change-lead-time-p50-hours': '2',
      'deployments-per-day': '2',
      'change-fail-rate': '0.5',
      'recovery-time-p50-hours': '0.5',
      'time-to-restore-p50-hours': '1',
      'rework-rate': '0',
      'slowest-stage': '',
    });
    expect(outcome.report.deployments.map((row) => [row.id, row.outcome, row.recoveredBy])).toEqual([
      [back, 'succeeded', undefined],
      [bad, 'taken back', back],
      [good, 'succeeded', undefined],
    ]);
    expect(outcome.report.facts.requests).toEqual({
      deployments: 1,
      commits: 1,
      incidents: 1,
      pulls: 1,
    });
    expect(outcome.files!['html']!.text).not.toContain('Error rate </script>');
    expect(action.render(outcome.report)).toContain('1 of 2 failed');

    const read = doraReportSchema.parse(JSON.parse(JSON.stringify(outcome.report)));
    expect(compute(read.facts, read.question)).toEqual(outcome.report);
  });

  it("breaks none of GitHub's rules on the way", () => {
    expect(server.control.violations()).toEqual([]);
  });

  it('refuses all bad inputs at once, by name', () => {
    expect(() => inputsOf({ window: '12', tiers: '2020', 'count-rollbacks': 'maybe' })).toThrow(
      /window[\s\S]*tiers[\s\S]*count-rollbacks/,
    );
  });
});
