import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mechanisms } from '../../../bench/switch/subjects.js';
import type { Router } from '../../../rehearsal/router/router.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import { embeddedNodes } from './embedded.js';
import type { Blow, Side } from './gate.js';
import type { StepEnd, StepProcess } from './process.js';
import { crashStage, stageRouter, type CrashStage, type Job } from './stage.js';

/** Stages of one release tree, closed together. */
export interface Stages {
  of(product: string, mode: string): Promise<CrashStage>;
  embedded(nodes: number): Promise<{ at: CrashStage; nodes: Router[] }>;
  /** Closes the stages; the next test has its own. */
  clear(): Promise<void>;
  close(): void;
}

/** Writes a release tree and starts stages on it. */
export function openStages(): Stages {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  const tree = join(folder, 'tree');
  writeReleaseTree(tree);
  const open: CrashStage[] = [];
  const opened = (at: CrashStage) => {
    open.push(at);
    return at;
  };
  return {
    of: async (product, mode) => {
      const mechanism = mechanisms.find((one) => one.product === product && one.mode === mode)!;
      return opened(await crashStage(tree, stageRouter(mechanism)));
    },
    embedded: async (count) => {
      const { nodes, start } = embeddedNodes(count);
      return { at: opened(await crashStage(tree, start)), nodes };
    },
    clear: async () => {
      await Promise.all(open.splice(0).map((at) => at.close()));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The changes that a whole switch makes; throws when it fails. */
export async function planOf(at: CrashStage): Promise<string[]> {
  const job = await at.reserved();
  at.gate.set();
  const { code, printed } = await at.startSwitch(job).ended;
  if (code !== 0) throw new Error(`a switch that nothing disturbs ended with ${code}:\n${printed}`);
  return [...at.gate.passed];
}

/** Runs a switch to its end; when it comes to a change, the blow is struck. */
export async function switchWith(
  at: CrashStage,
  job: Job,
  [change, side]: readonly [number, Side],
  strike: (step: StepProcess) => ReturnType<Blow> | void,
  inputs: Record<string, string> = {},
): Promise<StepEnd> {
  at.gate.set({ change, side, blow: async () => (await strike(step)) ?? { carryOut: true } });
  const step = at.startSwitch(job, inputs);
  const ended = await step.ended;
  if (!at.gate.struck) throw new Error(`change ${change + 1} was never reached:\n${ended.printed}`);
  return ended;
}

/** A cancelled process gets the signal before the answer it waits for. */
export async function cancelFirst(step: StepProcess): ReturnType<Blow> {
  step.cancel('SIGINT');
  await step.heard;
  return { carryOut: true };
}

/** A killed process leaves a change undone that is on its way. */
export async function kill(step: StepProcess): ReturnType<Blow> {
  step.cancel('SIGKILL');
  await step.ended;
  return { carryOut: false };
}

/** The lock as it stands. */
export async function lockOf(at: CrashStage, job: Job): Promise<Lock | undefined> {
  const control = await at.control(job);
  const held = await control.lock.read();
  control.close();
  return held?.state;
}

/** Open incidents that page a person for a held lock of this environment. */
export async function heldIncidents(at: CrashStage, job: Job): Promise<number> {
  const control = await at.control(job);
  const { incidents } = await listIncidents(control.github, { states: ['OPEN'] });
  control.close();
  return incidents.filter(({ marker }) => marker?.fingerprint.startsWith(`held:${job.environment}:`)).length;
}
