import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const job = (key: string, permissions: string) =>
  `  ${key}: { runs-on: x, ${permissions === '' ? '' : `permissions: ${permissions}, `}steps: [{ run: echo }] }`;
const callee = (job: string, top = '') => `on: workflow_call\n${top}\njobs:\n${job}\n`;
const caller = (permissions = '', top = '') =>
  `on: push\n${top}\njobs:\n  call:\n    uses: ./.github/workflows/callee.yml\n${permissions && `    permissions: ${permissions}\n`}`;
const tokens = () =>
  fixture.control.calls
    .filter(({ path }) => path === '/tokens')
    .map(({ body }) => body['permissions'] as Record<string, string>);

describe('the permissions of a called workflow', () => {
  it.each([
    [
      'the job asks for write, the call allows read',
      '{ contents: write }',
      '{ contents: read }',
      'contents: write',
      'contents: read',
    ],
    ['the job asks, the call allows nothing', '{ contents: read }', '{}', 'contents: read', 'contents: none'],
    [
      'the call says nothing: the default is read',
      '{ deployments: write }',
      '',
      'deployments: write',
      'deployments: none',
    ],
    [
      'several at once',
      '{ checks: write, issues: write }',
      '{ issues: read }',
      'checks: write, issues: write',
      'checks: none, issues: read',
    ],
    ['write-all over read-all', 'write-all', 'read-all', 'actions: write', 'actions: read'],
  ])('are refused when %s, with the line of the call', async (_what, asked, allowed, requested, limit) => {
    fixture.commit({ '.github/workflows/callee.yml': callee(job('ship', asked)) });
    const refused = fixture.run(caller(allowed));
    await expect(refused).rejects.toThrow(
      `.github/workflows/cd.yml:4: Error calling workflow 'org/shop/.github/workflows/callee.yml@refs/heads/main'. ` +
        `The nested job 'ship' is requesting '${requested}`,
    );
    await expect(refused).rejects.toThrow(`but is only allowed '${limit}`);
    expect(fixture.control.calls).toEqual([]);
  });

  it('are refused for the workflow as a whole too', async () => {
    fixture.commit({
      '.github/workflows/callee.yml': callee(job('ship', ''), 'permissions: { contents: write }'),
    });
    await expect(fixture.run(caller('{ contents: read }'))).rejects.toThrow(
      "The workflow is requesting 'contents: write', but is only allowed 'contents: read'.",
    );
  });

  it('are refused even for a job that its `if` would skip', async () => {
    const never = `  ship: { runs-on: x, if: false, permissions: { issues: write }, steps: [{ run: echo }] }`;
    fixture.commit({ '.github/workflows/callee.yml': callee(never) });
    await expect(fixture.run(caller())).rejects.toThrow(
      "'issues: write', but is only allowed 'issues: none'",
    );
  });

  it('are measured against the calling workflow when the call says nothing', async () => {
    fixture.commit({ '.github/workflows/callee.yml': callee(job('ship', '{ issues: write }')) });
    const report = await fixture.run(caller('', 'permissions: { issues: write }'));
    expect(report.conclusion).toBe('success');
    await expect(fixture.run(caller('{}', 'permissions: { issues: write }'))).rejects.toThrow('only allowed');
  });

  it('are measured at each level, and told with the file that calls too little', async () => {
    fixture.commit({
      '.github/workflows/callee.yml':
        'on: workflow_call\njobs:\n  inner:\n    uses: ./.github/workflows/leaf.yml\n    permissions: { issues: read }\n',
      '.github/workflows/leaf.yml': callee(job('ship', '{ issues: write }')),
    });
    await expect(fixture.run(caller('{ issues: write }'))).rejects.toThrow(
      /^org\/shop\/\.github\/workflows\/callee\.yml@refs\/heads\/main:3: Error calling workflow .*leaf\.yml.*'issues: read'\.$/,
    );
  });

  it('of a token are the job’s own, else those of the called workflow, else those of the call', async () => {
    fixture.commit({
      '.github/workflows/callee.yml': callee(`${job('own', '{ issues: read }')}\n${job('all', '')}`),
    });
    await fixture.run(caller('{ issues: write, contents: read }'));
    expect(tokens()).toEqual(
      expect.arrayContaining([
        { metadata: 'read', issues: 'read' },
        { metadata: 'read', issues: 'write', contents: 'read' },
      ]),
    );
    fixture.control.calls.length = 0;
    fixture.commit({ '.github/workflows/callee.yml': callee(job('all', ''), 'permissions: {}') });
    await fixture.run(caller('{ issues: write }'));
    expect(tokens()).toEqual([{ metadata: 'read' }]);
  });
});
