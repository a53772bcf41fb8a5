import type { Clock } from '../../../time/clock.js';
import { RouterError } from '../../router.js';
import type { Machine } from '../../transports/machine.js';
import { untilServed } from '../live-probe.js';
import { quoteAnswer } from '../reading.js';
import type { NginxIncludeConfig } from './config.js';

/** Longest wait for a test or a reload, in milliseconds. */
const commandWithin = 20_000;

/**
 * How long new connections must all be served by the new workers, in milliseconds. nginx lets the old ones accept for
 * 100 ms more, and a busy one hears later that it shall stop, so a few good answers right after a reload prove nothing.
 */
const steadyFor = 1_000;

/** What a reload costs, for the warning of a mode that needs one. */
export const reloadCost =
  'resets idle keep-alive connections: 147 of 23,550 requests on them failed over 40 switches (nginx 1.22.1), where mode "flag" failed none. From nginx 1.27.4 keepalive_min_timeout fixes it.';

type Commands = Pick<NginxIncludeConfig, 'test' | 'reload'>;

interface Node {
  machine: Machine;
  node: { name: string; probe: string };
}

/** Has nginx test its files; where it refuses them, `putBack` is done first, and RouterError says why. */
export async function testConfiguration(
  { test }: Commands,
  { machine, node }: Node,
  changed: string,
  putBack: () => Promise<void>,
): Promise<void> {
  const { code, stderr } = await machine.run(test, commandWithin);
  if (code === 0) return;
  await putBack();
  throw new RouterError(
    `nginx node "${node.name}": ${test.join(' ')} refuses the configuration, so ${changed} is as it was: ${stderr.trim().slice(-400)}`,
    node.name,
  );
}

/**
 * Reloads nginx until new connections are served as wanted: the exit code of a reload only says that the signal was
 * sent.
 */
export async function reloadUntilServed(
  { reload }: Commands,
  { machine, node }: Node,
  clock: Clock,
  wanted: string,
): Promise<void> {
  const command = reload.join(' ');
  const { code, stderr } = await machine.run(reload, commandWithin);
  if (code !== 0)
    throw new RouterError(
      `nginx node "${node.name}": ${command} ended with ${code}: ${stderr.trim().slice(-400)}`,
      node.name,
    );
  await untilServed({ ...node, machine }, clock, {
    wanted,
    steadyMs: steadyFor,
    otherwise: (answer) =>
      `nginx node "${node.name}": after ${command} new connections are served ${quoteAnswer(answer)} instead of "${wanted}"; its error log says why.`,
  });
}
