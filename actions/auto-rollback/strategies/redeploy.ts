import { GitHubError } from '../../../shared/github/problem.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { lockThatBlocks } from '../../../shared/traffic/recovery/acquire.js';
import { canTakeBack, takeBack, type TakeBackRequest } from '../../../shared/traffic/recovery/take-back.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { executable, runExecutable } from '../../../shared/exec/executable.js';
import type { Able, Releases, Strategy, StrategyPorts } from './strategy.js';

/** Between two looks at a colour that is being deployed to, in milliseconds. */
const lookEvery = 5_000;

/**
 * The last good release is deployed to the idle colour again, by the team's own executable or workflow, and then gets
 * all traffic as by the strategy traffic. For a colour that is removed or was deployed over.
 */
export const redeploy = {
  name: 'redeploy',

  async preflight(ports, releases) {
    const { given, control } = ports;
    if (!onIdle(ports, releases)) return { ok: false, why: 'there is no idle colour to deploy to' };
    if (!isWorkflow(given.redeploy)) return executable(given.redeploy, ports);
    const { state } = await control.github.rest('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}', {
      workflow_id: given.redeploy,
    });
    return state === 'active'
      ? { ok: true }
      : { ok: false, why: `the workflow ${given.redeploy} is ${state}` };
  },

  async run(ports, request) {
    const { control } = ports;
    const start = control.clock.now();
    const refused = (message: string) => ({
      result: 'refused' as const,
      message,
      trafficMoved: false,
      durationMs: control.clock.now() - start,
    });
    const good = onIdle(ports, request);
    if (!good) return refused('there is no idle colour to deploy to');
    // The panic button takes the lock from whoever has it, once the colour is ready.
    const busy = request.preempt ? undefined : await lockThatBlocks(control);
    if (busy) return refused(busy);
    const deployed = await deploy(ports, good, start);
    if (!deployed.ok) return refused(deployed.why);
    return takeBack(control, { ...request, good });
  },
} as const satisfies Strategy;

const isWorkflow = (redeploy: string) => /\.ya?ml$/.test(redeploy);

/** The good release as it will be once it is deployed again: on a colour that has no traffic. */
function onIdle({ control }: StrategyPorts, { bad, good }: Releases): DeploymentRecord | undefined {
  const idle = control.colours.filter((colour) => colour !== bad.payload.colour);
  const colour = idle.includes(good.payload.colour) ? good.payload.colour : idle[0];
  return colour === undefined ? undefined : { ...good, payload: { ...good.payload, colour } };
}

/** Deploys, and waits until the colour itself says that it runs the release. */
async function deploy(ports: StrategyPorts, good: DeploymentRecord, start: number): Promise<Able> {
  const { control, given } = ports;
  const { version, digest, colour } = good.payload;
  const { service, environment, clock } = control;
  control.timeline.say(`Deploying ${version} to ${colour} again by ${given.redeploy}`);
  if (isWorkflow(given.redeploy)) {
    try {
      const { default_branch: ref } = await control.github.rest('GET /repos/{owner}/{repo}');
      await control.github.rest('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
        workflow_id: given.redeploy,
        ref,
        inputs: { service, environment, colour, version, digest },
      });
    } catch (error) {
      if (error instanceof GitHubError) return { ok: false, why: error.message };
      throw error;
    }
  } else {
    const ran = await runExecutable(given.redeploy, [service, environment, colour, digest], ports);
    if (!ran.ok) return ran;
  }
  for (;;) {
    const well = await fits(control, good);
    if (well.ok) return well;
    if (clock.now() - start >= given['strategy-timeout'])
      return {
        ok: false,
        why: `${colour} does not run ${version} after ${formatDuration(clock.now() - start)}: ${well.why}`,
      };
    await clock.sleep(lookEvery);
  }
}

/** Whether the colour could take traffic with it; the schema was looked at before. */
const fits = (control: StrategyPorts['control'], good: DeploymentRecord): Promise<Able> => {
  const { payload } = good;
  const bad = { ...good, payload: { ...payload, colour: '' } } satisfies TakeBackRequest['bad'];
  return canTakeBack(control, { bad, good });
};
