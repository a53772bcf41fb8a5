import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resultOf, shapes, stepOf, templateStage, type TemplateStage } from './stage.js';

const hook = (steps: string) => ({
  '.github/actions/deploy-setup/action.yml': `name: Log in
inputs:
  environment: { required: true }
runs:
  using: composite
  steps:
${steps}`,
});

describe.each(shapes)("the team's hook .github/actions/deploy-setup, in %s", (shape) => {
  let stage: TemplateStage;
  beforeEach(async () => {
    stage = await templateStage(shape);
  });
  afterEach(() => stage.fixture.close());

  it('logs in to the environment that is released to, and deploy/deploy has what it exported', async () => {
    stage.fixture.commit({
      ...hook(`    - name: Log in
      shell: bash
      run: |
        echo "::add-mask::token-of-$ENVIRONMENT"
        echo "CLOUD_TOKEN=token-of-$ENVIRONMENT" >> "$GITHUB_ENV"
      env:
        ENVIRONMENT: \${{ inputs.environment }}
    - name: Tool
      shell: bash
      run: echo "$GITHUB_ACTION_PATH/bin" >> "$GITHUB_PATH"
`),
      'deploy/deploy': '#!/bin/sh\necho "as ${#CLOUD_TOKEN} letters"\nexec team-tool\n',
      '.github/actions/deploy-setup/bin/team-tool': '#!/bin/sh\necho "tool of the team"\n',
    });
    stage.fixture.git('update-index', '--chmod=+x', '.github/actions/deploy-setup/bin/team-tool');
    stage.fixture.git('commit', '-q', '-m', 'Executable');
    stage.fixture.git('checkout', '-q', '--', '.');
    const run = await stage.run();
    expect(run.conclusion).toBe('success');
    for (const environment of ['staging', 'production']) {
      const deploy = stepOf(run, `${environment}-release`, 'Deploy to the idle colour');
      expect(deploy?.log).toContain(`as ${`token-of-${environment}`.length} letters\ntool of the team\n`);
    }
    expect(stepOf(run, 'production-settle', 'Log in as the team does')?.conclusion).toBe('success');
  });

  it('stops the release before a colour is reserved when the login fails', async () => {
    stage.fixture.commit(
      hook(`    - name: Log in
      shell: bash
      run: |
        if test -n "$ENVIRONMENT"; then
          echo "::error::no role for $ENVIRONMENT"
          exit 1
        fi
      env:
        ENVIRONMENT: \${{ inputs.environment }}
`),
    );
    const run = await stage.run();
    expect(run.conclusion).toBe('failure');
    expect(stepOf(run, 'staging-release', 'Log in as the team does')?.annotations[0]?.message).toBe(
      'no role for staging',
    );
    expect(stage.given('blue-green').filter(({ mode }) => mode === 'reserve')).toEqual([]);
    expect(resultOf(run, 'staging-release')).toBe('failure');
  });

  it('is named with its line when GitHub would refuse it', async () => {
    stage.fixture.commit(hook('    - run: ./login\n'));
    const run = await stage.run();
    expect(stepOf(run, 'build', 'Log in as the team does')?.annotations[0]?.message).toMatch(
      /deploy-setup\/action\.yml:7: runs\.steps\.0: Required property is missing: shell/,
    );
  });

  it('cannot read secrets by itself', async () => {
    stage.fixture.commit(hook('    - { shell: bash, run: "${{ secrets.DATABASE_URL }}" }\n'));
    const run = await stage.run();
    expect(stepOf(run, 'build', 'Log in as the team does')?.annotations[0]?.message).toContain(
      "Unrecognized named-value: 'secrets'",
    );
  });

  it('is left out where the team has none', async () => {
    const run = await stage.run({ branch: 'develop' });
    expect(stepOf(run, 'staging-release', 'Log in as the team does')?.conclusion).toBe('skipped');
  });
});
