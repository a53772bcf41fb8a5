import type { MigrationReport } from '../../shared/contracts/reports/migration-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { keepComment, pullOf } from '../../shared/github/sticky-comment.js';
import { runUrl } from '../../shared/runner/context.js';
import { defineAction, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { inputs, outputs, type Inputs, type Outputs } from './inputs.js';
import { inspect } from './inspect.js';
import { modes } from './modes/registry.js';
import { render } from './render.js';

/** Are the schema changes of this release safe while the live version still runs? */
export const action = defineAction({
  name: 'migration-check',
  title: 'Migration check',
  description:
    'Finds the schema changes of a release, says which would hurt while the live version still runs and how to make them safe, and plans them.',
  branding: { icon: 'database', color: 'orange' },
  inputs,
  outputs,
  render,
  run: async (input, host) => {
    // Ends a hold whatever is live and whatever was changed since.
    if (input.mode === 'settle') return (await import('./modes/settle.js')).settle(input, host);
    const mode = modes[input.mode];
    const inspection = await host.log.group('Reading the migrations', () => inspect(input, host));
    const outcome = await mode(input, host, inspection);
    const pull = input.comment ? pullOf(host.context) : undefined;
    return pull === undefined ? outcome : withComment(outcome, pull, input, host);
  },
  post: async (host) => (await import('./modes/run.js')).finish(host),
});

/** Tells the pull request too; where that is not possible, the report says why. */
async function withComment(
  outcome: Outcome<Outputs, MigrationReport>,
  pull: number,
  input: Inputs,
  { context, clock, random, signal }: Host,
): Promise<Outcome<Outputs, MigrationReport>> {
  const { report } = outcome;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
  const why = await keepComment(
    github,
    {
      pull,
      kind: 'migrations',
      about: [report.environment, report.service],
      text: render(report),
      run: runUrl(context),
    },
    { repository: `${context.owner}/${context.repository}`, writers: input['ledger-writers'] },
  );
  return why === undefined ? outcome : { ...outcome, report: { ...report, notes: [...report.notes, why] } };
}
