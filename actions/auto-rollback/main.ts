import { defineAction } from '../../shared/runner/define-action.js';
import { controlInputs, openTrafficControl } from '../../shared/traffic/open-control.js';
import { inputs, outputs } from './inputs.js';
import { checkLive } from './modes/check.js';
import { lookAfterLive } from './modes/look-after.js';
import { now } from './modes/now.js';
import { watchLive } from './modes/watch.js';
import { outputsOfError, timelineOf, toOutcome } from './outcome.js';
import { render } from './render.js';

const modes = { watch: watchLive, check: checkLive, now, 'look-after': lookAfterLive } as const;

export const action = defineAction({
  name: 'auto-rollback',
  title: 'Auto-rollback',
  description:
    'Watches a live release by criteria of its own metrics and takes it back, with evidence, when it is bad.',
  branding: { icon: 'rotate-ccw', color: 'red' },
  inputs,
  outputs,
  render,
  outputsOfError,

  async run(values, host) {
    const control = await openTrafficControl(host, {
      ...controlInputs(values),
      token: values['github-token'],
    });
    try {
      const report = await modes[values.mode](control, values, host);
      return toOutcome({ ...report, timeline: timelineOf(control.timeline.events) });
    } finally {
      control.close();
    }
  },
});
