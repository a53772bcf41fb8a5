import { readFileSync } from 'node:fs';
import {
  migrationReportSchema,
  type MigrationReport,
} from '../../../shared/contracts/reports/migration-report.js';
import { jobOf } from '../jobs.js';
import type { Act, Story } from '../story.js';
import { environments } from '../world.js';
import type { Check } from './check.js';

/** The report of the migration that a release ran in an environment; undefined when it came to none. */
export function migrationOf({ run }: Pick<Act, 'run'>, environment: string): MigrationReport | undefined {
  const steps = jobOf(run, `${environment}-release`)?.steps ?? [];
  const file = steps.find(({ id, stage }) => id === 'migrate' && stage === 'main')?.outputs['report'];
  return file === undefined ? undefined : migrationReportSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

const wanted: Record<string, string> = {
  staging: 'good applied, bad applied, blocked none-changed, hotfix none-changed',
  production: 'good applied, bad applied, hotfix applied',
};

/** What must be true of the migrations: each release ran its own, once, with a back-up before. */
export function migrationChecks(story: Story): Check[] {
  const acts = [story.good, story.unsafe, story.bad, story.blocked, story.hotfix];
  return environments.map((environment) => {
    const got = acts
      .flatMap((act) => {
        const report = migrationOf(act, environment);
        if (!report) return [];
        const unproved = report.result === 'applied' && !report.applied?.backup?.restorable;
        return [`${act.name} ${report.result}${unproved ? ' without a back-up' : ''}`];
      })
      .join(', ');
    const want = wanted[environment]!;
    return { name: `Migrations in ${environment}`, want, got: got || 'none', ok: got === want };
  });
}
