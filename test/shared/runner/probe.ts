import * as z from 'zod';
import { defineAction, type ActionDefinition, type Outcome } from '../../../shared/runner/define-action.js';
import type { Host } from '../../../shared/runner/host.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner, type TestRunner } from '../../support/runner/port.js';

interface Report {
  schema: 'probe@1';
  text: string;
  count: number;
}
export type ProbeOutcome = Outcome<Record<string, string>, Report>;

const inputs = z.strictObject({
  service: z.string().default('shop'),
  key: z.string().meta({ secret: true }).optional(),
});

/** An action that does what the test says, with one secret input, two outputs and a report. */
export function probe(
  run: (host: Host) => ProbeOutcome | Promise<ProbeOutcome>,
  post?: ActionDefinition['post'],
): ActionDefinition {
  return defineAction({
    name: 'probe',
    title: 'Probe',
    description: 'Does what a test says.',
    branding: { icon: 'box', color: 'blue' },
    inputs,
    outputs: z.strictObject({ result: z.string(), report: z.string(), answer: z.string(), page: z.string() }),
    run: async (_, host) => run(host),
    render: ({ text, count }: Report) => `## ${text}\n\n${'x\n'.repeat(count)}`,
    ...(post ? { post: post as never } : {}),
  }) as unknown as ActionDefinition;
}

/** A pass, changed as the test says. */
export const outcome = (parts: Partial<ProbeOutcome> = {}): ProbeOutcome => ({
  ok: true,
  message: 'All is well.',
  outputs: { result: 'pass', answer: '42' },
  report: { schema: 'probe@1', text: 'Fine', count: 1 },
  ...parts,
});

/** Runs the main half with these variables; `change` may break the runner before. */
export async function runMain(
  run: Parameters<typeof probe>[0],
  env: Record<string, string> = {},
  change?: (runner: TestRunner) => void,
): Promise<TestRunner> {
  const runner = testRunner({ RUNNER_TEMP: '/t', GITHUB_ACTION: 'step', ...env });
  change?.(runner);
  await runAction(probe(run), 'main', runner);
  return runner;
}

/** The report as it was written. */
export const reportOf = (runner: TestRunner) =>
  JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? 'null') as unknown;
