import { action } from '../../../actions/migration-check/main.js';
import { render } from '../../../actions/migration-check/render.js';
import {
  migrationReportSchema,
  type MigrationReport,
} from '../../../shared/contracts/reports/migration-report.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';
import { testHost, type TestHost } from '../../support/runner/host.js';
import { cdPath, gateStage, type GateStage } from '../gate-check/stage.js';

export const configPath = '.github/migrations.yml';

/** A migrations file with one folder of plain SQL. */
export const plainConfig = `version: 1
database: postgresql
migrations:
  - { tool: sql, folder: db }
timeouts: { lock: 5s, statement: 10m }
`;

export interface Checked {
  ok: boolean;
  message: string;
  outputs: Record<string, string>;
  report: MigrationReport;
  summary: string;
  rules: string[];
}

export interface MigrationStage extends GateStage {
  /** Commits files, or takes them away where their text is undefined. */
  change(files: Record<string, string | undefined>): string;
  /** Records a release of a commit. */
  released(
    sha: string,
    fields: { version: string; by?: string; payload?: Partial<DeploymentPayload>; states?: States },
  ): Promise<number>;
  migrate(sha: string, inputs?: Record<string, string>, at?: Surroundings): Promise<Checked>;
  /** The same, with its host while it runs. */
  start(
    sha: string,
    inputs?: Record<string, string>,
    at?: Surroundings,
  ): { host: TestHost; token: string; ended: Promise<Checked> };
}

interface Surroundings {
  workspace?: string;
  temp?: string;
  variables?: Record<string, string>;
  permissions?: Permissions;
}
type States = ('in_progress' | 'success' | 'failure')[];

export const service = 'shop';

/** A real repository behind the stand-in, and the action on a clone of it. */
export async function migrationStage(): Promise<MigrationStage> {
  const base = await gateStage();
  const { server, git, push } = base;
  const start: MigrationStage['start'] = (sha, inputs = {}, at = {}) => {
    const { token } = server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: at.permissions ?? { contents: 'read', deployments: 'read', actions: 'read' },
    });
    const host = testHost({
      context: {
        apiUrl: server.url,
        serverUrl: server.url,
        sha,
        workspace: at.workspace ?? base.gitDir,
        ...(at.temp === undefined ? {} : { temp: at.temp }),
      },
      variables: at.variables ?? {},
    });
    const input = action.inputs.parse({
      environment: 'production',
      service,
      version: '9.0.0',
      sha,
      'github-token': token,
      ...inputs,
    });
    const ended = action.run(input, host).then((outcome) => {
      const report = migrationReportSchema.parse(JSON.parse(JSON.stringify(outcome.report)));
      return {
        ok: outcome.ok,
        message: outcome.message,
        outputs: outcome.outputs as Record<string, string>,
        report,
        summary: render(report),
        rules: report.findings.map(({ rule }) => rule),
      };
    });
    return { host, token, ended };
  };
  return {
    ...base,
    change(files) {
      const gone = Object.entries(files).filter(([, text]) => text === undefined);
      for (const [path] of gone) git('rm', '-q', path);
      const written = Object.entries(files).filter((one): one is [string, string] => one[1] !== undefined);
      return push(Object.fromEntries(written));
    },
    released: (sha, { version, by, payload = {}, states }) =>
      base.deployed({
        service,
        environment: 'production',
        sha,
        runId: base.ran({ sha, path: cdPath, event: 'workflow_dispatch' }),
        ...(by === undefined ? {} : { by }),
        ...(states === undefined ? {} : { states }),
        payload: { version, ...payload },
      }),
    start,
    migrate: (...asked) => start(...asked).ended,
  };
}

/** What a refusal says, whichever kind of error it is. */
export async function refusalOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return error instanceof ConfigurationError ? JSON.stringify(error.problems) : (error as Error).message;
  }
  throw new Error('it was not refused');
}
