import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

it('an action made with @actions/core finds all it expects', async () => {
  fixture.action(
    'toolkit',
    `name: t
inputs: { dry-run: { default: false }, list: { required: true } }
runs: { using: node24, main: index.mjs, post: index.mjs }`,
    {},
  );
  await build({
    stdin: {
      contents: `import * as core from '@actions/core';
if (core.getState('started') !== '') {
  core.info('post after ' + core.getState('started'));
} else {
  core.saveState('started', 'line 1\\nline 2');
  core.info(JSON.stringify([core.getBooleanInput('dry-run'), core.getMultilineInput('list')]));
  core.setSecret('hunter2');
  core.setOutput('json', { a: [1, 'two'] });
  core.setOutput('secret', 'hunter2');
  core.exportVariable('EXPORTED', 'multi\\nline');
  core.addPath('/opt/first');
  core.warning('hunter2 is weak', { file: 'a.ts', startLine: 3, title: 'Weak' });
  core.startGroup('plan'); core.endGroup();
  await core.summary.addHeading('Done').addRaw('by hunter2').write();
  core.setFailed('as meant');
}`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    outfile: join(fixture.root, 'release/toolkit/index.mjs'),
    logLevel: 'silent',
  });
  const report = await fixture.run(
    workflowOf(`
- name: t
  id: t
  uses: org/devops-actions/toolkit@v1
  with: { dry-run: true, list: "a\\n b \\n" }
- { name: after, if: failure(), run: 'echo "$EXPORTED"; echo "\${PATH%%:*} \${{ fromJSON(steps.t.outputs.json).a[1] }}"' }`),
  );
  const steps = stepsOf(report);
  expect(steps['t']).toMatchObject({
    outcome: 'failure',
    outputs: { json: '{"a":[1,"two"]}', secret: 'hunter2' },
  });
  expect(steps['t']?.log).toContain('[true,["a","b"]]\n');
  expect(steps['t']?.log).toContain('##[group]plan\n##[endgroup]\n');
  expect(steps['t']?.annotations).toEqual([
    { level: 'warning', message: '*** is weak', file: 'a.ts', line: 3, title: 'Weak' },
    { level: 'error', message: 'as meant' },
  ]);
  expect(steps['t']?.summary).toContain('<h1>Done</h1>\nby ***');
  expect(steps['after']?.log).toContain('multi\nline\n/opt/first two\n');
  expect(steps['Post t']?.log).toBe('post after line 1\nline 2\n');
});
