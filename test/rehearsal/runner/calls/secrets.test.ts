import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const secrets = { BOTH: 'of-the-repository', ONLY_REPOSITORY: 'repository-alone' };
const environmentSecrets = {
  production: { BOTH: 'of-production', ONLY_PRODUCTION: 'production-alone' },
  staging: { BOTH: 'of-staging' },
};
const names = ['BOTH', 'ONLY_REPOSITORY', 'ONLY_PRODUCTION', 'HARD'];

/** Writes each secret to a file, since a log hides them: NAME=value lines. */
const shown = (file: string) =>
  `{ run: 'printf "%s\\n" ${names.map((name) => `"${name}=$${name}"`).join(' ')} > ${file}', env: { ${names
    .map((name) => `${name}: "\${{ secrets.${name} }}"`)
    .join(', ')} } }`;
const callee = (declared: string) => `
on: { workflow_call: { inputs: { place: { type: string } }, secrets: { ${declared} } } }
jobs:
  with: { runs-on: x, environment: "\${{ inputs.place }}", steps: [${shown(`${fixture.root}/with`)}] }
  without: { runs-on: x, steps: [${shown(`${fixture.root}/without`)}] }`;

async function play(passed: string, declared = names.map((name) => `${name}: {}`).join(', ')) {
  fixture.commit({ '.github/workflows/callee.yml': callee(declared) });
  const report = await fixture.run(
    jobsOf(`
call:
  uses: ./.github/workflows/callee.yml
  with: { place: production }
  ${passed}`),
    { secrets, environmentSecrets },
  );
  expect(report.conclusion).toBe('success');
  const read = (job: string) =>
    Object.fromEntries(
      readFileSync(`${fixture.root}/${job}`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('=')),
    ) as Record<string, string>;
  return { with: read('with'), without: read('without') };
}

describe('the secrets of a called workflow', () => {
  it('are none unless the caller passes them', async () => {
    const nothing = { BOTH: '', ONLY_REPOSITORY: '', ONLY_PRODUCTION: '', HARD: '' };
    expect(await play('')).toEqual({ with: nothing, without: nothing });
  });

  it('passed by name are those of the called job’s environment, else of the repository', async () => {
    const found = await play(
      'secrets: { BOTH: "${{ secrets.BOTH }}", ONLY_PRODUCTION: "${{ secrets.ONLY_PRODUCTION }}" }',
    );
    expect(found.with).toEqual({
      BOTH: 'of-production',
      ONLY_REPOSITORY: '',
      ONLY_PRODUCTION: 'production-alone',
      HARD: '',
    });
    expect(found.without).toEqual({
      BOTH: 'of-the-repository',
      ONLY_REPOSITORY: '',
      ONLY_PRODUCTION: '',
      HARD: '',
    });
  });

  it('written out by the caller win over the environment', async () => {
    const found = await play('secrets: { BOTH: written, HARD: out }');
    expect(found.with).toMatchObject({ BOTH: 'written', HARD: 'out' });
  });

  it('inherited are all of them, declared or not', async () => {
    const found = await play('secrets: inherit', '');
    expect(found.with).toMatchObject({
      BOTH: 'of-production',
      ONLY_REPOSITORY: 'repository-alone',
      ONLY_PRODUCTION: 'production-alone',
    });
    expect(found.without).toMatchObject({ BOTH: 'of-the-repository', ONLY_PRODUCTION: '' });
  });

  it('pass through a workflow between only where it passes them on', async () => {
    const leaf = callee(names.map((name) => `${name}: {}`).join(', '));
    fixture.commit({
      '.github/workflows/callee.yml': leaf,
      '.github/workflows/between.yml': `
on: { workflow_call: { secrets: { BOTH: {}, ONLY_PRODUCTION: {} } } }
jobs:
  inner:
    uses: ./.github/workflows/callee.yml
    with: { place: production }
    secrets: { ONLY_PRODUCTION: "\${{ secrets.ONLY_PRODUCTION }}", ONLY_REPOSITORY: "\${{ secrets.ONLY_REPOSITORY }}" }`,
    });
    await fixture.run(jobsOf('outer: { uses: ./.github/workflows/between.yml, secrets: inherit }'), {
      secrets,
      environmentSecrets,
    });
    expect(readFileSync(`${fixture.root}/with`, 'utf8')).toBe(
      'BOTH=\nONLY_REPOSITORY=repository-alone\nONLY_PRODUCTION=production-alone\nHARD=\n',
    );
  });

  it('are hidden in the log of the called job, and are no output', async () => {
    fixture.commit({
      '.github/workflows/callee.yml': `
on: { workflow_call: { secrets: { BOTH: {} }, outputs: { leaked: { value: "\${{ jobs.leak.outputs.it }}" } } } }
jobs:
  leak:
    runs-on: x
    environment: production
    outputs: { it: "\${{ steps.s.outputs.it }}" }
    steps: [{ id: s, run: 'echo "it is $S"; echo "it=$S" >> "$GITHUB_OUTPUT"', env: { S: "\${{ secrets.BOTH }}" } }]`,
    });
    const report = await fixture.run(
      jobsOf(`
call: { uses: ./.github/workflows/callee.yml, secrets: { BOTH: "\${{ secrets.BOTH }}" } }
after: { needs: call, runs-on: x, steps: [{ run: 'echo "[\${{ needs.call.outputs.leaked }}]"' }] }`),
      { secrets, environmentSecrets },
    );
    expect(report.jobs['call.leak']?.steps[0]?.log).toContain('it is ***');
    expect(report.jobs['after']?.steps[0]?.log).toContain('[]\n');
  });

  it('always hold the token of the called job', async () => {
    fixture.commit({
      '.github/workflows/callee.yml': `
on: workflow_call
jobs:
  a: { runs-on: x, steps: [{ run: 'echo "$T" > ${fixture.root}/token', env: { T: "\${{ secrets.GITHUB_TOKEN }}" } }] }`,
    });
    const report = await fixture.run(jobsOf('call: { uses: ./.github/workflows/callee.yml }'));
    expect(readFileSync(`${fixture.root}/token`, 'utf8').trim()).toBe(
      `ghs_token_of_job_${report.jobs['call.a']?.id}`,
    );
  });

  it.each([
    ['a name it does not declare', 'secrets: { OTHER: a }', 'Invalid secret, OTHER is not defined'],
    ['nothing for one it requires', '', 'Secret NEEDED is required, but not provided while calling'],
    ['a list', 'secrets: [NEEDED]', '`inherit`, or a map of names to secrets was expected'],
  ])('are refused for %s, before anything runs', async (_what, passed, message) => {
    fixture.commit({
      '.github/workflows/callee.yml': `
on: { workflow_call: { secrets: { NEEDED: { required: true } } } }
jobs: { a: { runs-on: x, steps: [{ run: echo }] } }`,
    });
    const other = passed === 'secrets: { OTHER: a }' ? 'secrets: { NEEDED: b, OTHER: a }' : passed;
    await expect(
      fixture.run(jobsOf(`call:\n  uses: ./.github/workflows/callee.yml\n  ${other}`)),
    ).rejects.toThrow(message);
    expect(fixture.control.calls).toEqual([]);
  });
});
