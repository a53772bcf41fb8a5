import * as z from 'zod';
import type { ActionDefinition } from '../shared/runner/define-action.js';
import { runAction, type Phase } from '../shared/runner/run-action.js';

// A process parses each file once: compiling a parser for it first costs more than it saves.
z.config({ jitless: true });

/** Every action of the suite by folder name, loaded only when it runs. */
export const actions = {
  'auto-rollback': async () => (await import('./auto-rollback/main.js')).action,
  'blue-green-switch': async () => (await import('./blue-green-switch/main.js')).action,
  doctor: async () => (await import('../cli/steps/doctor.js')).action,
  'dora-report': async () => (await import('./dora-report/main.js')).action,
  'fleet-update': async () => (await import('../cli/steps/fleet-update.js')).action,
  'gate-check': async () => (await import('./gate-check/main.js')).action,
  'hotfix-check': async () => (await import('./hotfix-check/main.js')).action,
  incident: async () => (await import('./incident/main.js')).action,
  'go-live': async () => (await import('../cli/steps/go-live.js')).action,
  'migration-check': async () => (await import('./migration-check/main.js')).action,
  notify: async () => (await import('./notify/main.js')).action,
  'plan-report': async () => (await import('./plan-report/main.js')).action,
  'release-candidate': async () => (await import('../cli/steps/release-candidate.js')).action,
  'scan-report': async () => (await import('./scan-report/main.js')).action,
  'smoke-test': async () => (await import('./smoke-test/main.js')).action,
  'test-report': async () => (await import('./test-report/main.js')).action,
};

export type ActionName = keyof typeof actions;

/** Runs one half of an action; the generated stubs in dist/ call this. */
export async function run(name: ActionName, phase: Phase): Promise<void> {
  await runAction((await actions[name]()) as unknown as ActionDefinition, phase);
}
