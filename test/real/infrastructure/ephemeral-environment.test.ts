import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  callerText,
  errorsOf,
  realStage,
  resultsOf,
  summaryOf,
  type Event,
  type RealStage,
} from './stage.js';

const example = (path: string) => readFileSync(join('docs/examples/ephemeral', path), 'utf8');
const login = `runs:
  using: composite
  steps:
    - { shell: bash, run: 'echo "$WHERE" >> "$ROOT/logins"', env: { WHERE: '\${{ inputs.environment }}' } }
inputs: { environment: { required: true } }
`;
/** What the tests of the pull request could take: nothing of a login is there. */
const acceptance = `#!/usr/bin/env bash
set -euo pipefail
env | grep -E 'TOKEN|SECRET|EPHEMERAL' > "$ROOT/known" || true
curl --fail --silent "$1" | grep shop
`;

describe('ephemeral-environment with Terraform', () => {
  let stage: RealStage;
  let answers = 200;
  const server = createServer((_, response) => {
    response.statusCode = answers;
    response.end('shop');
  });
  const stateOf = (name: string) => join(stage.root, 'states', `${name}.tfstate`);
  const lines = (name: string) => {
    const file = join(stage.root, name);
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  };

  beforeEach(async () => {
    answers = 200;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    stage = await realStage('ephemeral-environment');
    const shop = example('infrastructure/ephemeral/shop/main.tf');
    const address = 'https://${var.name}.${var.domain}';
    expect(shop).toContain(address);
    stage.change({
      '.github/workflows/ephemeral-environment.yml': callerText('ephemeral-environment', {}),
      '.github/actions/deploy-setup/action.yml': login,
      '.github/smoke.yml':
        'version: 1\nname: shop\nflows:\n  - name: shop\n    steps:\n      - name: answers\n        http: { url: / }\n        expect: { status: 200 }\n',
      'deploy/ephemeral': example('deploy/ephemeral').replace(
        '${EPHEMERAL_STATES:-$PWD/states}',
        '$ROOT/states',
      ),
      'infrastructure/ephemeral/main.tf': example('infrastructure/ephemeral/main.tf'),
      'infrastructure/ephemeral/shop/main.tf': shop.replace(address, `${url}/\${var.name}`),
      'test/acceptance': acceptance,
    });
  });
  afterEach(async () => {
    await stage.close();
    server.closeAllConnections();
    await new Promise<unknown>((resolve) => server.close(resolve));
  });

  const labelled = (event: Event, action?: string): Event => {
    const payload = structuredClone(event.payload) as { action: string; pull_request: { labels: object[] } };
    payload.pull_request.labels = [{ name: 'ephemeral' }];
    return { ...event, payload: { ...payload, action: action ?? payload.action } };
  };
  const numberOf = (event: Event) => (event.payload as { number: number }).number;
  const ended = (run: Awaited<ReturnType<RealStage['play']>>) =>
    Object.entries(resultsOf(run)).flatMap(([job, result]) =>
      result === 'skipped' ? [] : [`${job} ${result}`],
    );
  const sweep = () => stage.play(stage.schedule('41 * * * *'));
  /** Merged, and no run hears of it. */
  const merge = (number: number) =>
    stage.gitHub.octokit('octocat').rest.pulls.merge({ ...stage.gitHub.at, pull_number: number });

  it('is made, tested and shown on the pull request, and removed when it is closed', async () => {
    const event = await stage.pull({ 'app.txt': '1' });
    const name = `pr-${numberOf(event)}`;
    const run = await stage.play(labelled(event));
    expect([ended(run), errorsOf(run)]).toEqual([['up success', 'acceptance success'], '']);
    expect([existsSync(stateOf(name)), lines('logins'), lines('known')]).toEqual([true, ['ephemeral'], ['']]);
    const again = await stage.pull({ 'app.txt': '2' });
    answers = 500;
    expect(ended(await stage.play(labelled(again)))).toEqual(['up failure', 'acceptance failure']);
    const comments = await stage.comments(numberOf(event));
    expect(comments).toEqual([expect.stringContaining('### ❌ Smoke test failed')]);
    expect(comments[0]).toMatch(new RegExp(`\\]\\(http://127\\.0\\.0\\.1:\\d+/${name}\\)`));
    expect(ended(await stage.play(labelled(event, 'closed')))).toEqual(['down success']);
    expect(existsSync(stateOf(name))).toBe(false);
  });

  it('is swept when its pull request ended without a run, and left while that is open', async () => {
    const [first, second] = [
      await stage.pull({ 'app.txt': '1' }, { branch: 'one' }),
      await stage.pull({ 'app.txt': '2' }, { branch: 'two' }),
    ];
    for (const event of [first, second]) {
      await stage.gitHub.octokit('octocat').rest.issues.addLabels({
        ...stage.gitHub.at,
        issue_number: numberOf(event),
        labels: ['ephemeral'],
      });
      await stage.play(labelled(event));
    }
    await merge(numberOf(first));
    const run = await sweep();
    expect([ended(run), summaryOf(run)]).toEqual([
      ['sweep success'],
      expect.stringContaining(`removed \`pr-${numberOf(first)}\`: its pull request is closed`),
    ]);
    expect([first, second].map((event) => existsSync(stateOf(`pr-${numberOf(event)}`)))).toEqual([
      false,
      true,
    ]);
  });

  it('opens one issue while one cannot be removed, and closes it', async () => {
    const event = await stage.pull({ 'app.txt': '1' });
    await stage.play(labelled(event));
    await merge(numberOf(event));
    // The merge moved the branch, not the files that are checked out.
    stage.gitHub.git('reset', '-q', '--hard', 'main');
    const before = stage.gitHub.git('show', 'HEAD:infrastructure/ephemeral/main.tf');
    stage.change({ 'infrastructure/ephemeral/main.tf': `${before}\nbroken` });
    for (let at = 0; at < 2; at++) expect(ended(await sweep())).toEqual(['sweep failure']);
    expect(await stage.issues()).toEqual(['open ephemeral-environment.yml fails for ephemeral']);
    stage.change({ 'infrastructure/ephemeral/main.tf': `${before}\n` });
    expect(ended(await sweep())).toEqual(['sweep success']);
    expect(await stage.issues()).toEqual(['closed ephemeral-environment.yml fails for ephemeral']);
  });

  it('is not made for a fork', async () => {
    const event = await stage.pull({ 'app.txt': '1' }, { branch: 'hotfix/x', fork: 'mallory/shop' });
    expect([ended(await stage.play(labelled(event))), lines('logins')]).toEqual([[], []]);
  });
});
