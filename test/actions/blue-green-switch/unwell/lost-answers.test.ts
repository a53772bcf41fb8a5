import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultSpec } from '../../../../rehearsal/github/faults.js';
import { newDigest, trafficStage, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
beforeEach(async () => {
  at = await trafficStage();
});
afterEach(() => at.close());

/** Runs a switch in which GitHub's answers are spoiled from the moment that a line of its log names. */
async function switchWith(moment: RegExp, fault: FaultSpec) {
  const job = at.startRun();
  const { host } = await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  let armed = 0;
  const info = (line: string) => {
    host.log.info(line);
    if (moment.test(line) && armed++ === 0) at.stand.server.control.addFault(fault);
  };
  const spoiled = { ...host, log: { ...host.log, info } };
  const step = await at.step(job, { mode: 'switch', verdict: at.verdict(job) }, spoiled);
  expect(armed).toBeGreaterThan(0);
  return step;
}

const moments: [string, RegExp][] = [
  ['the journal', /to call:/],
  ['the note of a call', /^Done on/],
  ['the note that it is verified', /verifying with new connections/],
];
const faults: [string, FaultSpec][] = [
  ['POST git/trees', { method: 'POST', path: '/git/trees', status: 502 }],
  ['POST git/commits', { method: 'POST', path: '/git/commits', status: 502 }],
  ['an update of the ref that was not made', { graphql: 'LedgerUpdate', status: 502 }],
  ['an update of the ref that was made', { graphql: 'LedgerUpdate', status: 502, after: true }],
];

describe('switch fault 7: one lost answer of GitHub', () => {
  it.each(moments.flatMap(([note, at]) => faults.map(([call, fault]) => [note, call, at, fault] as const)))(
    'at %s (%s) takes no good release back',
    async (_note, _call, moment, fault) => {
      const step = await switchWith(moment, fault);
      expect(step).toMatchObject({ ok: true, result: 'switched' });
      expect(await at.post(step.host)).toBeUndefined();
      expect(at.live()).toBe('green');
      expect(await at.refs()).toEqual([]);
    },
  );

  it('or many, once the release is verified: post completes it, though on-interrupt says revert', async () => {
    const step = await switchWith(moments[2]![1], {
      method: 'POST',
      path: '/git/trees',
      status: 502,
      times: 99,
    });
    expect(step).toMatchObject({ ok: false, result: 'error' });
    expect(step.message).toContain('green has all traffic and new connections reach 2.0.0');
    at.stand.server.control.clearFaults();
    expect(await at.post(step.host)).toMatchObject({ ok: true, result: 'completed' });
    expect(at.live()).toBe('green');
    expect((await at.deployments())[0]!.statuses.at(-1)!.state).toBe('success');
  });
});
