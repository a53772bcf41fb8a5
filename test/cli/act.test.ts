import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { forAct } from '../../cli/act/transform.js';
import { dispatch } from '../../cli/dispatch.js';
import { testShell } from './terminal.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'act-'));
  mkdirSync(join(root, 'tree/.github/workflows'), { recursive: true });
  mkdirSync(join(root, 'tree/blue-green'));
  writeFileSync(join(root, 'tree/blue-green/action.yml'), 'name: x\n');
});
afterEach(() => rmSync(root, { recursive: true }));

const workflow = `# Reusable
on:
  workflow_call:
    inputs:
      environment: { type: string }
      queue: { type: string }
permissions: {}
jobs:
  deployment:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    concurrency: { group: x, queue: max }
    environment:
      name: production # reviewed
      deployment: false
    permissions:
      id-token: write
    steps:
      - uses: $/blue-green
        with: { environment: '\${{ inputs.environment }}', deployment: kept }
      - run: echo "\${{ case(true, 1, 2) }}"
`;
async function act(...args: string[]) {
  const shell = testShell(root);
  const code = await dispatch(['act', ...args], shell);
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

test('what act refuses is dropped, actions are named in full, and all else stays, comments too', () => {
  const { text } = forAct(workflow, 'org/devops-actions@v1');
  const wanted = parse(workflow) as { jobs: { deployment: Record<string, object> } };
  const job = wanted.jobs.deployment;
  job['concurrency'] = { group: 'x' };
  job['environment'] = { name: 'production' };
  (job['steps'] as { uses?: string }[])[0]!.uses = 'org/devops-actions/blue-green@v1';
  expect(parse(text)).toEqual(wanted);
  expect(text).toContain('# reviewed');
});

test('what act does otherwise is said by line, and names of the author are no keys of GitHub', () => {
  const { differences } = forAct(workflow, 'org/devops-actions@v1');
  expect(differences.map(({ line, what }) => `${line} ${what.split(/[ :]/).slice(0, 4).join(' ')}`)).toEqual([
    expect.stringMatching(/^11 act ends no job/),
    expect.stringMatching(/^12 act lets all runs/),
    expect.stringMatching(/^12 dropped "queue"/),
    expect.stringMatching(/^13 act asks no reviewers/),
    expect.stringMatching(/^15 dropped "deployment"/),
    expect.stringMatching(/^16 act gives every job/),
    expect.stringMatching(/^17 act gives no identity/),
    expect.stringMatching(/^21 act does not know/),
  ]);
});

test('a tree is copied whole, and is left as it is', async () => {
  const path = join(root, 'tree/.github/workflows/promote.yml');
  writeFileSync(path, workflow);
  const { code, out, err } = await act('tree', 'for-act', '--suite', 'org/devops-actions@v1');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(
    /promote\.yml:\n {2}line 11: act ends no job[^]*--local-repository org\/devops-actions@v1=/,
  );
  expect(readFileSync(path, 'utf8')).toBe(workflow);
  expect(readFileSync(join(root, 'for-act/blue-green/action.yml'), 'utf8')).toBe('name: x\n');
  expect(readFileSync(join(root, 'for-act/.github/workflows/promote.yml'), 'utf8')).toContain(
    'uses: org/devops-actions/blue-green@v1',
  );
});

test.each<[string, string[], RegExp]>([
  ['no folder to write', ['tree'], /Name the folder/],
  ['no suite', ['tree', 'for-act'], /--suite is missing/],
  ['a suite without a ref', ['tree', 'for-act', '--suite', 'org/x'], /OWNER\/NAME@REF/],
  ['a folder without workflows', ['.', 'for-act', '--suite', 'org/x@v1'], /has no \.github\/workflows/],
  ['a folder with something in it', ['tree', 'tree', '--suite', 'org/x@v1'], /is not empty/],
])('%s: nothing is done', async (_what, args, why) => {
  const { code, err } = await act(...args);
  expect([code, err]).toEqual([2, expect.stringMatching(why)]);
});
