import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { startSigningRegistry, type SigningRegistry } from '../../support/servers/signing-registry.js';
import { commitExecutable, teamsOwn, verdictOf, type CiStage } from '../../templates/ci/stage.js';
import { realStage } from './machine.js';

jest.setTimeout(600_000);

/** Annotations of the job beside the runner's own of a step that failed. */
const messagesOf = (run: RunReport) =>
  run.jobs['lint']!.steps.flatMap(({ annotations }) =>
    annotations.map(({ message }) => message).filter((message) => !message.startsWith('Process completed')),
  );

describe.each(['npm', 'pnpm'])('signatures of packages, as the real %s looks at them', (manager) => {
  let registry: SigningRegistry;
  let stage: CiStage;
  beforeEach(async () => {
    registry = await startSigningRegistry();
    const { name, version, integrity } = registry.package;
    const project = { name: 'shop', version: '1.0.0', dependencies: { [name]: version } };
    const locks = {
      'package-lock.json': JSON.stringify({
        ...project,
        lockfileVersion: 3,
        packages: {
          '': project,
          [`node_modules/${name}`]: { version, integrity, resolved: registry.tarball },
        },
      }),
      'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      ${name}: { specifier: ${version}, version: ${version} }
packages:
  ${name}@${version}:
    resolution: { integrity: ${integrity} }
snapshots:
  ${name}@${version}: {}
`,
    };
    const files = {
      ...locks,
      // Without packageManager: pnpm would lock itself too, and this registry has one package.
      'package.json': JSON.stringify(project),
    };
    stage = await realStage('ci-node', files, { machineEnvironment: registry.environment });
    for (const own of ['lint', 'types', 'test', 'build'])
      commitExecutable(stage.fixture, `ci/${own}`, teamsOwn());
  });
  afterEach(async () => {
    await stage.close();
    await registry.close();
  });
  const push = () => stage.push({ env: { PACKAGE_MANAGER: manager } });

  it('are green when each is right, and a notice says it when the registry has no keys', async () => {
    const run = await push();
    expect([run.jobs['lint']?.result, messagesOf(run)]).toEqual(['success', []]);
    registry.signing = 'no keys';
    const blind = await push();
    expect([blind.jobs['lint']?.result, messagesOf(blind)]).toEqual([
      'success',
      ['The registry has no keys: no signature was looked at.'],
    ]);
  });

  it.each(['wrong', 'missing', 'keys out of reach'] as const)('are red when they are %s', async (signing) => {
    registry.signing = signing;
    const run = await push();
    expect(verdictOf(run)).toContain('lint: failure');
    expect(run.jobs['lint']!.steps.find(({ outcome }) => outcome === 'failure')?.name).toMatch(/^Signatures/);
  });
});
