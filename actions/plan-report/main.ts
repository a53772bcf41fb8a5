import { join } from 'node:path';
import { readWorkspaceFile } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { PlanReport } from '../../shared/contracts/reports/plan-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { keepComment, mostText, pullOf } from '../../shared/github/sticky-comment.js';
import { readTrustedFolder } from '../../shared/github/trusted-file.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { runUrl } from '../../shared/runner/context.js';
import { defineAction } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { judge, type PlannedFolder } from './judge.js';
import { askPolicies } from './policies.js';
import { readPlan } from './read-plan.js';
import { render, renderWithin } from './render.js';
import { statefulTypes } from './stateful.js';
import { statelessTypes } from './stateless.js';

/** Largest plan that is read, in bytes of JSON. */
const mostBytes = 200_000_000;

export const action = defineAction({
  name: 'plan-report',
  title: 'Plan report',
  description:
    'One verdict over plans of Terraform or OpenTofu: what they destroy first of all, what policies say, and whether they may be applied. What is sensitive is never shown.',
  branding: { icon: 'layers', color: 'purple' },
  inputs,
  outputs,
  render,
  async run(input, host) {
    const { folders, mode, environment } = input;
    const planned = await Promise.all(
      folders.map(async (folder, at): Promise<PlannedFolder> => ({
        folder,
        plan: await planOf(host.context.workspace, join(input.plans, `${at}.json`)),
      })),
    );
    const { asked, policies } =
      mode === 'drift' ? { asked: 0, policies: [] } : await policiesOn(planned, input, host);
    const report = judge(planned, policies, {
      environment,
      mode,
      stateful: [...statefulTypes, ...input.stateful],
      stateless: [...statelessTypes, ...input.stateless],
      mayDestroy: input['may-destroy'],
    });
    // An empty folder asks nothing, and so does one whose name has a typo.
    if (input.policies !== undefined && mode !== 'drift' && asked === 0)
      report.notes.push(`No policy was asked: the default branch has no *.rego in ${input.policies}.`);
    const why = await comment(report, input, host);
    if (why !== undefined) report.notes.push(why);
    const { result, message, changes } = report;
    const count = (is: (typeof changes)[number]['action']) =>
      changes.filter(({ action: of }) => of === is).length;
    return {
      ok: result === 'unchanged' || result === 'changes' || (result === 'held' && mode === 'review'),
      message,
      outputs: {
        result,
        // What cannot be read is no reason to pass over it.
        changes: String(result !== 'unchanged'),
        destroys: String(count('destroy') + count('replace')),
      },
      report,
      annotations: annotationsOf(report),
    };
  },
});

/** A plan that is missing or far too large is one that nothing is known of. */
async function planOf(workspace: string, file: string): Promise<PlannedFolder['plan']> {
  try {
    return readPlan(await readWorkspaceFile(workspace, file, 'plans', mostBytes));
  } catch (error) {
    if (error instanceof ConfigurationError) return 'there is no plan: the tool did not run, or failed';
    throw error;
  }
}

/** Policies of the default branch: those of a pull request judge nothing. */
async function policiesOn(
  planned: readonly PlannedFolder[],
  input: Inputs,
  { context, clock, random, signal }: Host,
): Promise<{ asked: number; policies: PlanReport['policies'] }> {
  if (input.policies === undefined) return { asked: 0, policies: [] };
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
  const { files } = await readTrustedFolder(github, input.policies, '.rego');
  const asked = Object.entries(files).filter(([name]) => !name.endsWith('_test.rego'));
  const policies = await askPolicies(Object.fromEntries(asked), planned, input.environment, signal);
  return { asked: asked.length, policies };
}

/** Tells the pull request; gives why it could not, where it should. */
async function comment(
  report: PlanReport,
  input: Inputs,
  { context, clock, random, signal }: Host,
): Promise<string | undefined> {
  const pull = input.comment === 'true' ? pullOf(context) : undefined;
  if (pull === undefined) return undefined;
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
  return keepComment(
    github,
    {
      pull,
      kind: 'plan',
      about: [report.environment, ...input.folders],
      text: renderWithin(report, mostText),
      run: runUrl(context),
    },
    { repository: `${context.owner}/${context.repository}`, writers: ['github-actions[bot]'] },
  );
}

function annotationsOf({
  result,
  mode,
  held,
  changes,
  policies,
  folders,
  environment,
}: PlanReport): Annotation[] {
  const said = policies
    .filter(({ is }) => is !== 'allowed')
    .map(({ file, folder, is, reasons }): Annotation => ({
      level: 'error',
      title: `${file} ${is === 'denied' ? 'says no' : 'could not be asked'}`,
      message: `${folder}: ${reasons.join('; ')}`,
    }));
  const blind = folders.flatMap(({ folder, blind: why }): Annotation[] =>
    why === undefined ? [] : [{ level: 'error', title: `${folder} was not read`, message: why }],
  );
  const unsure = new Map(
    changes
      .filter((change) => change.unsure === true)
      .flatMap(({ folder, address, type }) => [
        [address, type],
        [`${folder}:${address}`, type],
      ]),
  );
  const lost = held.map((address): Annotation => {
    const type = unsure.get(address);
    return {
      level: mode === 'review' ? 'warning' : 'error',
      title: `${address} ${type === undefined ? 'holds' : 'may hold'} data and would be destroyed`,
      message: `On hold: needs a person. Fix: keep it, or start this workflow by hand with  destroy: ${address}${
        type === undefined
          ? ''
          : ` (where no ${type} ever holds data: under "with:" write  stateless: ${type})`
      }`,
    };
  });
  const drift: Annotation[] =
    result === 'drift'
      ? [
          {
            level: 'error',
            title: `${environment} is not as its files say`,
            message:
              'Somebody changed it elsewhere, or a merged change was never applied. The summary names what differs.',
          },
        ]
      : [];
  return [...blind, ...said, ...lost, ...drift];
}
