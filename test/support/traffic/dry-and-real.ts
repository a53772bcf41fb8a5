import { expect } from '@jest/globals';
import type { Job, StepResult, TrafficStage } from './stage.js';

/** Everything a step could change. */
async function world(at: TrafficStage) {
  const refs = at.stand.git('for-each-ref', 'refs/devops-actions/');
  return JSON.stringify([at.live(), at.weights(), refs, await at.deployments()]);
}

/** A dry run, which must change nothing, and then the real thing. */
export async function dryAndReal(at: TrafficStage, job: Job, inputs: Record<string, string>) {
  const before = await world(at);
  const dry = await at.step(job, { ...inputs, 'dry-run': 'true' });
  expect(await world(at)).toBe(before);
  return { dry, real: await at.step(job, inputs) };
}

const message = ({ report }: StepResult, start: string) =>
  report.timeline.map((event) => event.message.trim()).filter((line) => line.startsWith(start));

/** The calls that a dry run would make. */
export const callsSaid = (dry: StepResult) => message(dry, 'on edge-1: ');

/** The calls that a step made, in the words of a dry run. */
export const callsMade = (real: StepResult) =>
  message(real, 'Done on ').map((line) => line.replace('Done ', ''));
