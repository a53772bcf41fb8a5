import { readPlan } from '../../shared/analysis/criteria/criteria-file.js';
import { openSources } from '../../shared/analysis/registry.js';
import { watch } from '../../shared/analysis/course/watch.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import type { Lock } from '../../shared/ledger/refs/lock.js';
import type { Judge } from '../../shared/traffic/switch/end-switch.js';
import { checkColour } from '../../shared/traffic/colour/check.js';
import { checkFit, type FitPorts } from '../../shared/traffic/colour/fit.js';
import type { ColourPorts, LedgerPorts, TrafficControl } from '../../shared/traffic/control.js';
import { readHistory } from '../../shared/traffic/switch/ledger-outcome.js';
import { subjectOf } from '../../shared/traffic/subject.js';
import { sinceLocked } from './refusals-of-switch.js';

/** Between two looks at a colour that only has to stay well, in milliseconds. */
const lookEvery = 5_000;

type Ports = FitPorts & LedgerPorts & Pick<TrafficControl, 'variable'>;

/**
 * Judges the new colour at a stop: by the criteria of the default branch, or, without any, by whether it stays well. No
 * verdict is no permission to go on, nor is a good one where the router holds the colour down, an incident was opened,
 * or the digest taken back, meanwhile.
 */
export async function judgeFor(control: Ports, lock: Lock, criteria: string | undefined): Promise<Judge> {
  const judge = await judgeColour(control, lock, criteria);
  return async (stayMs) => {
    const judged = await judge(stayMs);
    // A cancelled run goes back, and has no time to ask GitHub first.
    if (!judged.ok || control.signal.aborted) return judged;
    const { to, version, digest } = lock;
    const fit = await checkFit(control, to, { version, digest });
    if (!fit.ok) return fit;
    const reasons = await sinceLocked(control, lock, await readHistory(control));
    return reasons.length > 0 ? { ok: false, why: reasons.join('; ') } : judged;
  };
}

async function judgeColour(control: Ports, lock: Lock, criteria: string | undefined): Promise<Judge> {
  if (criteria === undefined) return (stayMs) => staysWell(control, lock, stayMs);
  const file = await readTrustedFile(control.github, criteria);
  const { plan, sources } = readPlan(file.text, criteria, control.environment);
  const subject = subjectOf(control, {
    version: lock.version,
    colour: lock.to,
    sha: lock.payload.releasedSha,
  });
  const before = (await readHistory(control)).find(({ id }) => id === lock.payload.previous);
  const previous = before && subjectOf(control, { ...before.payload, sha: before.sha });
  return async (stayMs) => {
    const { verdict } = await watch(
      { ...plan, watchMs: stayMs },
      {
        sources: openSources(sources, plan, { ...control, subject, ...(previous ? { previous } : {}) }),
        clock: control.clock,
        signal: control.signal,
        movedAway: () => Promise.resolve(undefined),
        onTick: () => undefined,
      },
    );
    control.timeline.say(`Judged: ${verdict.is}: ${verdict.message}`);
    return verdict.is === 'healthy'
      ? { ok: true, message: verdict.message }
      : { ok: false, why: `the new colour is not judged well: ${verdict.message}` };
  };
}

async function staysWell(
  control: ColourPorts & Pick<TrafficControl, 'signal'>,
  lock: Lock,
  stayMs: number,
): ReturnType<Judge> {
  const start = control.clock.now();
  for (let looks = 1; ; looks++) {
    const { version, digest, to } = lock;
    const check = await checkColour(control.http, control.config, to, { version, digest }, control.clock);
    if (!check.ok) return check;
    const left = stayMs - (control.clock.now() - start);
    if (left <= 0 || control.signal.aborted)
      return { ok: true, message: `it stayed well for ${looks} ${looks === 1 ? 'look' : 'looks'}` };
    await control.clock.sleep(Math.min(lookEvery, left), control.signal);
  }
}
