import { describe, expect, it } from '@jest/globals';
import type { TrafficControl } from '../../../../shared/traffic/control.js';
import { movedPast } from '../../../../shared/traffic/switch/moved-past.js';
import {
  observe,
  share,
  type Observed,
  type Router,
  type Weights,
} from '../../../../shared/traffic/router.js';

const lock = { from: 'blue', to: 'green', stops: [{ percent: 10, stay: 1_000 }] };
/**
 * A router that answers so, the last one for ever, and always has one more call to make, as one has whose file is not
 * where its traffic is.
 */
function showing(answers: readonly Record<string, Weights>[]) {
  const left = [...answers];
  const read = async (): Promise<Observed> => observe(left.length > 1 ? left.shift()! : left[0]!);
  const plan = () => [{ node: 'edge-1', say: 'write the file', action: {} }];
  return { read, plan } as unknown as Router;
}
/** A clock that stands still but where somebody sleeps. */
function standing() {
  let now = 0;
  return { now: () => now, sleep: async (ms: number) => void (now += ms) };
}
const given = share(10, 'green', 'blue');
const old = { blue: 100, green: 0 };
const config = { entry: { within: 1_000 } } as TrafficControl['config'];
const look = (answers: Record<string, Weights> | readonly Record<string, Weights>[], passed = 1) =>
  movedPast(
    {
      router: showing([answers].flat()),
      clock: standing(),
      config,
      signal: new AbortController().signal,
    },
    lock,
    passed,
  );

describe('traffic between two steps', () => {
  it('is where it was when the weights are, whatever the router has left to do', async () => {
    expect(await look({ 'edge-1': given, 'edge-2': given })).toBeUndefined();
  });

  it('is where it was when a router gives an answer from before the stop once more', async () => {
    expect(await look([{ 'edge-1': old }, { 'edge-1': old }, { 'edge-1': given }])).toBeUndefined();
  });

  it('is not looked at before the first step', async () => {
    expect(await look({ 'edge-1': old }, 0)).toBeUndefined();
  });

  it('was given back when every node that was moved has it all on the old colour, such as one that was restarted', async () => {
    expect(await look({ 'edge-1': given, 'edge-2': old })).toEqual({
      why: 'green was given 10 % and edge-2 now says blue 100 %: someone moved traffic past the lock',
      back: true,
    });
  });

  it('was not when a node has anything else, though the mean is what it was', async () => {
    expect(await look({ 'edge-1': share(20, 'green', 'blue'), 'edge-2': old })).toEqual({
      why: 'green was given 10 % and edge-1 now says green 20 %, blue 80 %, edge-2 now says blue 100 %: someone moved traffic past the lock',
      back: false,
    });
  });
});
