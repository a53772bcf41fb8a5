import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { smokeReport, type SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import type { RunReport } from '../../runner/request.js';
import { jobOf } from '../jobs.js';
import { environments } from '../world.js';
import type { Check } from './check.js';

/** One smoke test of a release, before the switch of an environment. */
export interface SmokeRun {
  release: string;
  environment: string;
  /** Version of the schema that the release needs; empty when its build said none. */
  schema: string;
  report: SmokeReport;
}

/** The reports of the smoke tests in a run of cd.yml. */
export function readSmoke(release: string, run: RunReport): SmokeRun[] {
  const schema = jobOf(run, 'build')?.steps.find(({ id }) => id === 'build')?.outputs['schema'] ?? '';
  return environments.flatMap((environment) => {
    const steps = jobOf(run, `${environment}-release`)?.steps ?? [];
    const file = steps.find(({ id, stage }) => id === 'smoke' && stage === 'main')?.outputs['report'];
    return file === undefined
      ? []
      : [{ release, environment, schema, report: smokeReport.parse(JSON.parse(readFileSync(file, 'utf8'))) }];
  });
}

/** Every step of a suite as `flow › step`. */
export function stepsOfSuite(suite: string): string[] {
  const { flows } = parse(suite) as { flows: { name: string; steps: { name: string }[] }[] };
  return flows.flatMap((flow) => flow.steps.map((step) => `${flow.name} › ${step.name}`));
}

/** Four switches in staging, one of them of the release that the incident stops, and three in production. */
const wantedRuns = 7;

/**
 * What must be true of the smoke tests: the whole suite passed before every switch, the database asked by SQL among it.
 */
export function smokeChecks(runs: readonly SmokeRun[], suite: readonly string[]): Check[] {
  const wanted = `all ${suite.length} steps passed, ${wantedRuns} times`;
  const gaps = runs.flatMap((run) => gap(run, suite));
  const whole = runs.length === wantedRuns && gaps.length === 0;
  const schemas = ['staging', 'production']
    .map((environment) => [environment, ...schemasSeen(runs, environment)].join(' '))
    .join(', ');
  const wantedSchemas = 'staging 42 43 43 43, production 42 43 43';
  return [
    {
      name: 'Smoke test before each switch',
      want: wanted,
      got: whole ? wanted : (gaps[0] ?? `${runs.length} times`),
      ok: whole,
    },
    {
      name: 'Database schema that the smoke tests saw',
      want: wantedSchemas,
      got: schemas,
      ok: schemas === wantedSchemas,
    },
  ];
}

function gap({ release, environment, report }: SmokeRun, suite: readonly string[]): string[] {
  const passed = stepsThat(report, ({ result }) => result === 'passed');
  const missing = suite.find((step) => !passed.includes(step));
  if (missing !== undefined) return [`${release} ${environment}: ${missing} did not pass`];
  return report.result === 'pass' ? [] : [`${release} ${environment}: ${report.result}`];
}

/** The versions of the schema that a step by SQL proved, release by release. */
function schemasSeen(runs: readonly SmokeRun[], environment: string): string[] {
  return runs
    .filter((run) => run.environment === environment)
    .map(({ report, schema }) => {
      const proofs = stepsThat(
        report,
        ({ result, request }) =>
          result === 'passed' && /^sql postgresql:\/\/.* SELECT version FROM migrations$/.test(request),
      );
      return proofs.length > 0 ? schema : 'unseen';
    });
}

type Step = SmokeReport['flows'][number]['steps'][number];

function stepsThat({ flows }: SmokeReport, holds: (step: Step) => boolean): string[] {
  return flows.flatMap((flow) => flow.steps.filter(holds).map((step) => `${flow.name} › ${step.name}`));
}
