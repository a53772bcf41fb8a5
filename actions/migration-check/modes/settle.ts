import { openGit } from '../../../shared/exec/git.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { spellingOf } from '../../../shared/ledger/environment.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { escapeMarkdown, link } from '../../../shared/report/markdown.js';
import { runUrl } from '../../../shared/runner/context.js';
import type { Host } from '../../../shared/runner/host.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { openApply, usualTimeouts } from '../apply/open.js';
import { messageOf } from '../apply/ports.js';
import type { MigrationEnd } from '../apply/run.js';
import { settleMigration } from '../apply/settle.js';
import { readMigrationsFile } from '../config/read.js';
import { openRepository } from '../find/repository.js';
import type { Inputs } from '../inputs.js';
import { toOutcome } from '../outcome.js';
import { appliedOf, holdFingerprint, howToRun } from './run.js';

/** Ends a hold as a person says, where the database bears that out, and tells it where the incident stands. */
export async function settle(input: Inputs, host: Host): Promise<ReturnType<typeof toOutcome>> {
  const { context, clock, random, log, signal } = host;
  const sha = input.sha ?? context.sha;
  const config = await readMigrationsFile(
    openRepository(openGit(context.workspace, signal)),
    sha,
    input.migrations,
  );
  const github = await openGitHub({ token: input['github-token'], at: context, clock, random });
  const environment = await spellingOf(github, input.environment, { say: (line) => log.info(line) });
  const ports = openApply(host, github, {
    environment,
    service: input.service,
    version: input.version ?? sha.slice(0, 12),
    config: howToRun(config, input.migrations),
    timeouts: config.timeouts ?? usualTimeouts,
    migrations: [],
    jobId: input['job-id'] ?? 0,
  });
  const end = await log.group('Ending the hold', () =>
    settleMigration(ports, { outcome: input.outcome!, reason: input.reason!, by: context.triggeringActor }),
  );
  const untold = end.result === 'settled' ? await tellIncident(github, input, host, end) : undefined;
  return toOutcome({
    schema: 'devops-actions/migration-report@1',
    mode: 'settle',
    result: end.result,
    allowed: end.result === 'settled',
    message: end.message,
    service: input.service,
    environment,
    now: isoInstant(clock.now()),
    database: config.database,
    from: null,
    to: { sha, version: input.version ?? null },
    files: [],
    findings: [],
    plan: [],
    schemaVersion: null,
    oldestCompatibleApp: null,
    notes: untold === undefined ? [] : [untold],
    run: context.runId > 0 ? { id: context.runId, attempt: context.attempt } : null,
    applied: appliedOf(end),
  });
}

/** Adds to the incident that paged for the hold how it ended; gives why nobody reads it there. Closing it is a person's. */
async function tellIncident(
  github: GitHub,
  input: Inputs,
  { context }: Host,
  { message, journal }: MigrationEnd,
): Promise<string | undefined> {
  try {
    const { incidents } = await listIncidents(github, { states: ['OPEN'], writers: input['ledger-writers'] });
    const fingerprint = holdFingerprint(journal!);
    const found = incidents.find(({ marker }) => marker?.fingerprint === fingerprint);
    if (!found) return 'No open incident belongs to this hold.';
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: found.number,
      body: `${escapeMarkdown(message)}\n\n${link('The run that ended the hold', runUrl(context))}`,
    });
    return undefined;
  } catch (error) {
    return `The incident could not be told: ${messageOf(error)}`;
  }
}
