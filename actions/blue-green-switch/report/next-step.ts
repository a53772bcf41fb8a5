import { code, escapeMarkdown } from '../../../shared/report/markdown.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';

const run = (mode: SwitchReport['mode']) => code(`mode: ${mode}`);
const look = `${run('status')} shows what is live and changes nothing`;
const again = 're-run **all jobs** of this run (a verdict of the gate counts in its own attempt only)';

const afterRefusal: Partial<Record<SwitchReport['mode'], string>> = {
  reserve: `Fix what is listed, then ${again}.`,
  bootstrap: `Fix what is listed, then ${again}.`,
  adopt: `Nothing was recorded. Fix what is listed and run ${run('adopt')} again; a service that never ran is begun with ${run('bootstrap')}.`,
  switch: `Fix what is listed, then ${again}: it begins with a new reservation.`,
  resume: `The pause goes on. Fix what is listed and run ${run('resume')} again in this run, or let the run end: ${run('reconcile')} then takes the new colour's share back.`,
  confirm: `The release is neither confirmed nor rolled back. ${look}.`,
  revert: `Fix what is listed and run ${run('revert')} again; a run at work that holds the lock is cancelled first, and this mode then brings back what it leaves; if the old colour cannot be fixed, deploy a good version to the idle colour and release it. ${look}.`,
  retire: `The old colour may be there still. Fix what is listed and run ${run('retire')} again.`,
};

/** What a person does now, in markdown; undefined when nothing has to be done. */
export function nextStep({
  mode,
  result,
  ok,
  nodes,
  lock,
  wayOut = `make one colour well, then run ${run('revert')} (all traffic to the old colour) or ${run('resume')} (all to the new one).`,
}: Pick<SwitchReport, 'mode' | 'result' | 'ok' | 'nodes' | 'lock' | 'wayOut'>): string | undefined {
  const lost = nodes.filter(({ weights }) => weights === null).map(({ name }) => code(name));
  switch (result) {
    case 'held':
      return `${lost.length > 0 ? `Make ${lost.join(', ')} reachable. ` : ''}Until this is ended, no release or rollback of this service starts. To end it: ${wayOut} ${look}.`;
    case 'drift':
      if (lost.length > 0)
        return `Make ${lost.join(', ')} reachable, then run ${run('status')} again: until then nobody knows what ${lost.length === 1 ? 'it gives' : 'they give'} to whom.`;
      if (lock && (lock.phase === 'switching' || lock.phase === 'paused'))
        return `A switch is under way (${lock.phase}), which may be all of it: look at ${escapeMarkdown(lock.holder)}. Once that run is over, ${run('reconcile')} finishes what it left; to stop it now, cancel it, then run ${run('revert')}.`;
      return mode === 'reconcile'
        ? `Nobody but a person can know which is right: do what is listed by hand, then run ${run('reconcile')} again. ${look}.`
        : `Run ${run('reconcile')}: it finishes what a dead run left. If it finds nothing, someone moved traffic past the ledger: ${run('revert')} gives all traffic to the last good release before the one the ledger calls live; or release again, which starts from what the router says.`;
    case 'refused':
      return afterRefusal[mode] ?? `${look}.`;
    case 'paused':
      return `Look at the new colour, then run ${run('resume')} in a later job of this run. To take its share back, cancel the run, then run ${run('reconcile')}.`;
    case 'not-switched':
      return `All traffic is where it was and the lock is free. Fix the reason, then ${again}.`;
    case 'reverted':
      return ok && mode === 'revert'
        ? undefined
        : 'The new release is recorded as failed and gets no traffic. Fix it, then release again.';
    case 'busy':
      return `Nothing to do: that run finishes what it began. Once it is over, ${run('reconcile')} finishes what it left.`;
    case 'error':
      if (mode === 'reconcile')
        return `Fix the error, then run ${run('reconcile')}: it finishes what was begun. ${look}.`;
      if (!['switch', 'resume', 'revert'].includes(mode))
        return `Fix the error and run it again; if it left something, ${run('reconcile')} removes that. ${look}.`;
      return `The post step of this job finishes what was begun, unless another run has taken over; if it fails too, run ${run('reconcile')}. ${look}.`;
    default:
      return ok ? undefined : `${look}.`;
  }
}
