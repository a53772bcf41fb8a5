import {
  doraReportSchema,
  type DoraQuestion,
  type DoraReport,
} from '../../shared/contracts/reports/dora-report.js';
import { readWorkspaceFile } from '../../shared/config/load.js';
import { defineAction } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { writeCache } from './collect/cache.js';
import { filesOf } from './files.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { compute } from './measure/compute.js';
import { conditionsThatHold } from './measure/condition.js';
import { resolvePeriod, type Period } from './measure/period.js';
import { computeMany } from './measure/repositories.js';
import { githubTime, mostBytes, readAll, repositoriesOf } from './read.js';
import { render, verdict } from './render/summary.js';

export const action = defineAction({
  name: 'dora-report',
  title: 'DORA report',
  description:
    'Measures change lead time, deployment frequency, change fail rate, recovery time and rework rate from GitHub’s own records, with the evidence behind each number.',
  branding: { icon: 'bar-chart-2', color: 'purple' },
  inputs,
  outputs,
  async run(input, host) {
    const report =
      input.replay === undefined ? await measureNow(input, host) : await replay(input.replay, host);
    const broken = conditionsThatHold(input['fail-if'], report.total, report.question);
    const failed = broken.length > 0;
    return {
      ok: !failed,
      message: failed ? `${broken.join('; ')}. ${verdict(report)}` : verdict(report),
      outputs: { result: failed ? 'failed' : report.result, ...figures(report) },
      report,
      files: {
        ...filesOf(report),
        // Finished facts of several repositories are many files; they are read anew.
        ...(input.replay === undefined && report.repositories === undefined
          ? {
              cache: {
                name: 'dora-cache.json',
                text: writeCache(repositoriesOf(input, host)[0]!, report.facts, input['cache-key']),
              },
            }
          : {}),
      },
    };
  },
  render,
});

async function measureNow(input: Inputs, host: Host): Promise<DoraReport> {
  const now = await githubTime(input, host);
  const { from, to, window, timezone } = input;
  const period = resolvePeriod({ from, to, window, timezone }, now);
  const question = questionOf(input, period);
  const all = await host.log.group('Reading what was delivered', () => readAll(input, host, period, now));
  for (const { repository, facts } of all) {
    const { deployments, commits, incidents, pulls } = facts.requests;
    host.log.info(
      `${all.length > 1 ? `${repository}: read` : 'Read'} ${facts.deployments.length} deployments, ${facts.commits.length} commits, ${facts.incidents.length} incidents and ${facts.pulls?.length ?? 0} pull requests in ${deployments + commits + incidents + pulls} requests.`,
    );
  }
  return all.length > 1
    ? computeMany(all, question, period.notes)
    : compute(all[0]!.facts, question, period.notes);
}

function questionOf(input: Inputs, period: Period): DoraQuestion {
  const within = input['link-incidents-within'];
  return {
    environment: input.environment,
    services: input.services,
    from: isoInstant(period.from),
    to: isoInstant(period.to),
    timezone: period.timezone,
    tiers: input.tiers,
    leadTimeStart: input['lead-time-start'],
    countRollbacks: input['count-rollbacks'],
    filters: {
      paths: [...new Set(input.paths.map(({ service }) => service))],
      excludeAuthors: input['exclude-authors'],
      excludeBots: input['exclude-bots'],
      labels: input.labels,
    },
    incidentSource: input['incident-label'] !== undefined || input['incident-exports'].length > 0,
    linkWithinHours: within === undefined || within === 0 ? null : within / 3_600_000,
    hotfixTargetMinutes: Math.max(1, input['hotfix-target'] / 60_000),
  };
}

/** What a report is measured from again; figures of an older version do not matter. */
const measuredFrom = doraReportSchema
  .pick({ schema: true, question: true, facts: true, repositories: true })
  .strip();

async function replay(path: string, host: Host): Promise<DoraReport> {
  const text = await readWorkspaceFile(host.context.workspace, path, 'replay', mostBytes);
  const parsed = measuredFrom.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new Error(
      `${path} is no DORA report: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}\n` +
        'Fix: name the JSON report of dora-report (output "report").',
    );
  const { facts, question, repositories } = parsed.data;
  const notes = ['Measured again from the facts of an earlier report.'];
  return repositories && repositories.length > 1
    ? computeMany(repositories, question, notes)
    : compute(repositories?.[0]?.facts ?? facts, question, notes);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function figures({ total }: DoraReport) {
  const text = (value: number | null) => (value === null ? '' : String(Math.round(value * 1e6) / 1e6));
  return {
    'change-lead-time-p50-hours': text(total.leadTime.p50),
    'deployments-per-day': text(total.frequency.perDay),
    'change-fail-rate': text(total.changeFailRate.value),
    'recovery-time-p50-hours': text(total.recovery.p50),
    'time-to-restore-p50-hours': text(total.timeToRestore.p50),
    'rework-rate': text(total.reworkRate.value),
    'slowest-stage': total.valueStream?.slowest ?? '',
  };
}
