/**
 * A run of a migration in a process of its own. Its one argument is JSON (`Job`); it prints what it says, and last its
 * end as JSON. It can be told to die, by SIGKILL, before or after one of its writes of the journal.
 */
import * as z from 'zod';
import { applyKeys } from '../../../actions/migration-check/apply/config.js';
import { openApply } from '../../../actions/migration-check/apply/open.js';
import { runMigration } from '../../../actions/migration-check/apply/run.js';
import { settleMigration } from '../../../actions/migration-check/apply/settle.js';
import { openGitHub } from '../../../shared/github/client.js';
import type { StateFile } from '../../../shared/ledger/refs/state.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';
import { testHost } from '../../support/runner/host.js';
import type { Job } from './stage.js';

const job = JSON.parse(process.argv[2]!) as Job;
const host = testHost({
  context: {
    owner: 'acme',
    repository: 'shop',
    apiUrl: job.github.url,
    runId: job.runId,
    attempt: job.attempt,
    workspace: job.workspace,
    temp: job.temp,
  },
  variables: job.variables,
  random: Math.random,
  log: {
    ...testHost().log,
    info: (line) => void process.stdout.write(`${line}\n`),
  },
});
const github = await openGitHub({
  token: job.github.token,
  at: host.context,
  clock: host.clock,
  random: host.random,
});
const config = z.strictObject(applyKeys).parse({ run: job.config }).run!;
const ports = openApply(host, github, {
  environment: job.environment,
  service: 'shop',
  version: job.version,
  config,
  timeouts: job.timeouts,
  migrations: job.migrations,
  jobId: job.jobId,
});

let writes = 0;
async function mortally<T>(work: () => Promise<T>): Promise<T> {
  const mine = ++writes;
  const die = (side: 'before' | 'after') => {
    if (job.die?.write === mine && job.die.side === side) process.kill(process.pid, 'SIGKILL');
  };
  die('before');
  const result = await work();
  die('after');
  return result;
}
const file: StateFile<Migration> = {
  ...ports.file,
  create: (...args) => mortally(() => ports.file.create(...args)),
  replace: (...args) => mortally(() => ports.file.replace(...args)),
  remove: (...args) => mortally(() => ports.file.remove(...args)),
};
const end = job.settling
  ? await settleMigration({ ...ports, file }, job.settling)
  : await runMigration({ ...ports, file }, job.mayApply);
process.stdout.write(`${JSON.stringify({ ...end, writes })}\n`);
