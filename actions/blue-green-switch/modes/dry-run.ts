import { liveByLedger, previousGood } from '../../../shared/ledger/record.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { readHistory } from '../../../shared/traffic/ledger-outcome.js';
import { allTo, liveColour, observe, share, type Weights } from '../../../shared/traffic/router.js';
import { describeStop } from '../../../shared/traffic/strategy.js';
import type { Inputs } from '../inputs.js';
import { refused, type ModeResult } from '../result.js';

/** Says the exact calls that a switch or revert would make now, and makes none. */
export async function dryRun(control: TrafficControl, inputs: Inputs): Promise<ModeResult> {
  const observed = await control.router.read();
  const from = liveColour(observed.weights);
  const to = await target(control, inputs, from);
  if (!to) return refused(['there is no colour to go to'], { before: observed.weights });
  const legs: { title: string; weights: Weights }[] = [];
  if (inputs.mode === 'switch' && from !== undefined) {
    for (const stop of inputs.strategy)
      legs.push({ title: describeStop(stop), weights: share(stop.percent, to, from) });
  }
  legs.push({ title: `all to ${to}`, weights: allTo(to, control.colours) });
  let now = observed;
  let calls = 0;
  for (const { title, weights } of legs) {
    control.timeline.say(`Would do: ${title}`);
    for (const call of control.router.plan(now, weights)) {
      calls++;
      control.timeline.say(`  on ${call.node}: ${call.say}`);
    }
    now = observe(Object.fromEntries(control.router.nodes.map((node) => [node, weights])));
  }
  return {
    ok: true,
    result: 'dry-run',
    said: `Dry run: ${calls} calls would lead from ${from ?? 'mixed traffic'} to ${to}; none was made`,
    before: observed.weights,
    target: to,
  };
}

async function target(
  control: TrafficControl,
  inputs: Inputs,
  from: string | undefined,
): Promise<string | undefined> {
  if (inputs.mode === 'revert') {
    const history = await readHistory(control);
    const live = liveByLedger(history);
    return live && previousGood(history, live)?.payload.colour;
  }
  if (inputs.target !== 'auto') return control.colours.includes(inputs.target) ? inputs.target : undefined;
  return (await control.lock.read())?.state.to ?? control.colours.find((colour) => colour !== from);
}
