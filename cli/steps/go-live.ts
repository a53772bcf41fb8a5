import { parseConfig } from '../../shared/config/parse.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { GoLivePlan, GoLiveReport } from '../../shared/contracts/reports/go-live-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import { ownWorkflow } from '../../shared/runner/context.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs } from './go-live-fields.js';
import { decide, type Service, type Standing } from './go-live/decide.js';
import { missingFiles, openLedger, readJobs, readProofs, readServices } from './go-live/facts.js';
import { goLiveFileSchema, ranks } from './go-live/plan-file.js';
import { resolvePlan } from './go-live/resolve.js';
import { render, reportOf } from './go-live/words.js';

/** The order of a go-live, what of it has to go back when it fails, and the runbook of what happened. */
export const action = defineAction({
  name: 'go-live',
  title: 'Go live',
  description:
    'Reads in which order several services are released, says what has to go back when one fails, and writes the runbook of what happened.',
  branding: { icon: 'list', color: 'green' },
  inputs,
  outputs,
  render,
  async run({ mode, file, plan, 'ledger-writers': writers, 'github-token': token }, host) {
    const { context, clock, random, signal, log } = host;
    const github = await openGitHub({ token, at: context, clock, random, signal });
    if (mode !== 'plan') {
      const given = plan!;
      const ledger = openLedger(github, writers, given.releaseWorkflows);
      const [services, jobs] = await Promise.all([
        readServices(ledger, given, context.runId),
        readJobs(github, context.runId),
      ]);
      const decision = decide(given, services, jobs);
      if (context.attempt !== given.attempt) decision.notes.push(againWords(context.attempt, given.attempt));
      const report = reportOf(given, decision, jobs, mode === 'report');
      const { result, message } = report;
      return {
        // Mode decide is right when it knows what to do; whether that is good news is what mode report ends with.
        ok: mode === 'decide' || result === 'released',
        message,
        outputs: { result, ...(mode === 'decide' ? wayBack(decision) : {}) },
        report,
      };
    }
    const [read, commit] = await Promise.all([
      readTrustedFile(github, file),
      github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: context.sha }),
    ]);
    log.info(`Plan ${file} at ${read.branch} ${read.commit}`);
    const parsed = parseConfig(read.text, file, goLiveFileSchema);
    if (!parsed.ok) throw new ConfigurationError(parsed.problems);
    const workflow = ownWorkflow(context);
    const ledger = openLedger(github, writers, [...parsed.value['release-workflows'], workflow]);
    const { sha, attempt } = context;
    const subject = { sha, attempt, tree: commit.tree.sha, commit: read.commit, file, workflow };
    const [proofs, missing] = await Promise.all([
      readProofs(ledger, parsed.value),
      missingFiles(github, subject, parsed.value),
    ]);
    const resolved = resolvePlan(parsed.value, subject, (name) => proofs.get(name)!);
    if (!resolved.ok || missing.length > 0)
      throw new ConfigurationError(
        [...(resolved.ok ? [] : resolved.problems), ...missing].map((problem) => ({
          ...problem,
          ...parsed.placeOf(problem.path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))),
        })),
      );
    const report = planned(resolved.plan);
    return { ok: true, message: report.message, outputs: planOutputs(resolved.plan), report };
  },
});

const rows = (list: readonly object[]) => JSON.stringify(list);

function planOutputs(plan: GoLivePlan): Record<string, string> {
  const open = plan.services.filter(({ live }) => !live);
  const legs = open.map(({ service, environment, version, digest, url, rank, cdn, backup }) => ({
    rank,
    cdn,
    leg: { service, environment, version, digest, url, backup: String(backup) },
  }));
  const of = (rank: number) => rows(legs.filter((one) => one.rank === rank).map(({ leg }) => leg));
  const { database, verify } = plan;
  return {
    result: 'planned',
    plan: JSON.stringify(plan),
    attempt: String(plan.attempt),
    'release-id': plan.releaseId,
    services: rows(legs.map(({ leg }) => leg)),
    database: rows(
      database
        ? [{ service: database.service, environment: database.environment, version: database.version }]
        : [],
    ),
    ...Object.fromEntries(ranks.map((rank) => [`rank-${rank}`, of(rank)])),
    cdn: rows(legs.filter(({ cdn }) => cdn).map(({ leg }) => leg)),
    migrations: database ? 'judge' : '',
    'release-workflows': plan.releaseWorkflows.join('\n'),
    'verify-suite': verify?.suite ?? '',
    'verify-url': verify?.url ?? '',
  };
}

const wayBack = ({ back, stale }: ReturnType<typeof decide>): Record<string, string> => ({
  ...Object.fromEntries(
    ranks.map((rank) => [`back-${rank}`, rows((back[rank] ?? []).map(({ cdn: _, ...leg }) => leg))]),
  ),
  cdn: rows(stale),
});

const againWords = (attempt: number, planned: number) =>
  `This is attempt ${attempt}, and the plan is of attempt ${planned}: what was live then may have gone back since, so this attempt releases nothing. Start it again: Run workflow, or Re-run all jobs.`;

const beforeIt = (service: Service): Standing => ({
  service,
  is: service.planned.live ? 'already-live' : 'not-started',
  why: '',
});

/** The runbook before anything happened. */
function planned(plan: GoLivePlan): GoLiveReport {
  const services = plan.services.map((service) => ({
    planned: service,
    live: { is: 'known' as const, value: undefined },
    had: 'none' as const,
  }));
  const nothing = { ...decide(plan, services, []), standings: services.map(beforeIt) };
  const { rows: runbook } = reportOf(plan, nothing, [], false);
  const open = plan.services.filter(({ live }) => !live).length;
  return {
    schema: 'devops-actions/go-live-report@1',
    result: 'planned',
    message: `${open} of ${plan.services.length} services to release as ${plan.releaseId}`,
    releaseId: plan.releaseId,
    rows: runbook,
    notes: [
      plan.takeBack === 'all'
        ? 'If one fails, everything of this go-live goes back, the last first.'
        : 'If one fails, the go-live stops: that service goes back, those before it stay.',
    ],
  };
}
