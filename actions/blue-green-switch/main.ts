import { defineAction } from '../../shared/runner/define-action.js';
import { controlInputs, openTrafficControl } from '../../shared/traffic/open-control.js';
import type { Log } from '../../shared/runner/host.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import type { Router } from '../../shared/traffic/router.js';
import { toOutcome, errorOutcome } from './outcome.js';
import { withHelp } from './help.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { adopt } from './modes/adopt.js';
import { confirm } from './modes/confirm.js';
import { dryRun } from './modes/dry-run.js';
import { reconcile } from './modes/reconcile.js';
import { reserve } from './modes/reserve.js';
import { resume } from './modes/resume.js';
import { retire } from './modes/retire.js';
import { revert } from './modes/revert.js';
import { status } from './modes/status.js';
import { switchOver } from './modes/switch.js';
import { finish, type Armed } from './post.js';
import { render } from './report/render.js';
import type { ModeResult } from './report/result.js';

export const action = defineAction({
  name: 'blue-green-switch',
  title: 'Blue/green switch',
  description:
    'Moves traffic between two colours as a journaled transaction, verified with new connections and recorded as a GitHub Deployment.',
  branding: { icon: 'shuffle', color: 'blue' },
  inputs,
  outputs,
  render,

  async run(values, host) {
    const options = controlInputs(values);
    const control = await openTrafficControl(host, { ...options, token: values['github-token'] });
    if (control.router.warning) host.log.warning(control.router.warning);
    if (values.mode === 'switch' && values.criteria !== undefined && values.strategy.length === 0)
      host.log.warning(
        `"criteria" (${values.criteria}) judges the steps of "strategy", which is instant: nothing is judged here. Give "strategy" steps, or watch the release with auto-rollback.`,
      );
    let armed: Armed = { control: { ...options, trafficText: control.trafficText }, claim: '' };
    const arm = (changes: Partial<Armed>) =>
      host.state.save('armed', JSON.stringify((armed = { ...armed, ...changes })));
    try {
      const result = await runMode(control, values, host.context.workspace, (claim) => arm({ claim }));
      const revertIfJobFails =
        values['revert-on-job-failure'] && result.result === 'switched' ? result.deployment : undefined;
      if (armed.claim !== '' && !result.brokeOff)
        arm({ finished: true, ...(revertIfJobFails === undefined ? {} : { revertIfJobFails }) });
      return withHelp(
        await toOutcome(control, values.mode, await withNotes(control.router, result, host.log)),
        host,
      );
    } catch (error) {
      // What was verified is not rolled back because GitHub could not be told.
      if (armed.claim !== '' && control.timeline.entry?.ok) arm({ verified: true });
      return withHelp(await errorOutcome(control, values.mode, error, host.log), host);
    } finally {
      control.close();
    }
  },

  post: finish,
});

/** What is true of the router whatever a mode did, such as clients that stay where they are, is said with it. */
async function withNotes(
  router: Pick<Router, 'inspect'>,
  result: ModeResult,
  log: Pick<Log, 'warning'>,
): Promise<ModeResult> {
  const { notes = [] } = (await router.inspect?.()) ?? {};
  if (notes.length === 0) return result;
  for (const note of notes) log.warning(note);
  return { ...result, message: `${result.message.replace(/\.$/, '')}. But ${notes.join('; ')}` };
}

function runMode(
  control: TrafficControl,
  values: Inputs,
  workspace: string,
  arm: (claim: string) => void,
): Promise<ModeResult> {
  if (values['dry-run'] && (values.mode === 'switch' || values.mode === 'revert'))
    return dryRun(control, values);
  switch (values.mode) {
    case 'reserve':
    case 'bootstrap':
      return reserve(control, values);
    case 'adopt':
      return adopt(control, values);
    case 'switch':
      return switchOver(control, values, arm);
    case 'resume':
      return resume(control, values, arm);
    case 'confirm':
      return confirm(control);
    case 'revert':
      return revert(control, values, arm);
    case 'retire':
      return retire(control, values, workspace);
    case 'status':
      return status(control);
    case 'reconcile':
      return reconcile(control, values['break-glass']);
  }
}
