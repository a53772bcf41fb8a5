import { digestOf } from './colours.js';
import type { TestHost } from '../runner/host.js';
import type { Job, TrafficStage } from './stage.js';

/** 2.0.0 on green in one run, then 3.0.0 on blue in another, which is live and whose switch was given `changes`. */
export async function twoReleases(
  at: TrafficStage,
  job: Job,
  changes: Record<string, string> = {},
): Promise<{ next: Job; host: TestHost }> {
  await at.release(job);
  at.finishRun(job);
  const next = at.startRun();
  const digest = digestOf('3');
  const verdict = at.verdict(next, { digest });
  await at.reserve(next, { version: '3.0.0', digest, verdict });
  Object.assign(at.blue, { version: '3.0.0', digest });
  const switched = await at.step(next, { mode: 'switch', verdict, ...changes });
  if (switched.result !== 'switched') throw new Error(`not switched: ${switched.message}`);
  return { next, host: switched.host };
}
