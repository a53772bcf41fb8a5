import type { DoraFacts } from '../../shared/contracts/reports/dora-facts.js';
import {
  doraReportSchema,
  type DoraQuestion,
  type DoraReport,
} from '../../shared/contracts/reports/dora-report.js';
import { readWorkspaceFile } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { openGitHub } from '../../shared/github/client.js';
import { defineAction } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import { readCache, writeCache, type Cached } from './collect/cache.js';
import { readExport } from './collect/incidents/exported.js';
import { gather } from './collect/gather.js';
import { openClone } from './collect/open-clone.js';
import { filesOf } from './files.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { compute } from './measure/compute.js';
import { conditionsThatHold } from './measure/condition.js';
import { resolvePeriod, windowBefore, type Period } from './measure/period.js';
import { render, verdict } from './render/summary.js';

/** The largest cache, export or report that is read, in bytes. */
const mostBytes = 200_000_000;

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
        ...(input.replay === undefined
          ? {
              cache: {
                name: 'dora-cache.json',
                text: writeCache(nameOf(host), report.facts, input['cache-key']),
              },
            }
          : {}),
      },
    };
  },
  render,
});

async function measureNow(input: Inputs, host: Host): Promise<DoraReport> {
  const now = host.clock.now();
  const { from, to, window, timezone } = input;
  const period = resolvePeriod({ from, to, window, timezone }, now);
  const facts = await host.log.group('Reading what was delivered', () => read(input, host, period, now));
  const { deployments, commits, incidents, pulls } = facts.requests;
  host.log.info(
    `Read ${facts.deployments.length} deployments, ${facts.commits.length} commits, ${facts.incidents.length} incidents and ${facts.pulls?.length ?? 0} pull requests in ${deployments + commits + incidents + pulls} requests.`,
  );
  return compute(facts, questionOf(input, period), period.notes);
}

async function read(input: Inputs, host: Host, period: Period, now: number): Promise<DoraFacts> {
  const { context, clock, random, signal } = host;
  const { owner, repository, serverUrl, workspace } = context;
  const token = input['github-token'];
  const github = await openGitHub({ token, at: context, clock, random, signal });
  const cache = await openCache(input, host);
  return gather(github, {
    source: input['deployments-from'],
    environment: input.environment,
    services: input.services,
    from: input.compare ? windowBefore(period).from : period.from,
    to: period.to,
    writers: input['ledger-writers'],
    creators: input['deployment-creators'],
    service: input['service-name'] ?? repository,
    workflow: input.workflow,
    tagPrefix: input['tag-prefix'],
    repositoryUrl: `${serverUrl}/${owner}/${repository}`,
    readAt: now,
    pulls: input['pull-requests'],
    labels: input.labels.length > 0,
    paths: input.paths,
    incidentLabel: input['incident-label'],
    exported: await readExports(input, host),
    git: input.clone && workspace !== '' ? openClone(workspace, signal) : undefined,
    cached: cache.cached,
    notes: cache.notes,
  });
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

async function openCache(
  input: Inputs,
  host: Host,
): Promise<{ cached: Cached | undefined; notes: string[] }> {
  if (input.cache === undefined) return { cached: undefined, notes: [] };
  let text: string;
  try {
    text = await readWorkspaceFile(host.context.workspace, input.cache, 'cache', mostBytes);
  } catch (error) {
    // The first report has none yet.
    if (error instanceof ConfigurationError) return { cached: undefined, notes: [] };
    throw error;
  }
  const answer = readCache(text, nameOf(host), input['cache-key']);
  return answer.cached
    ? { cached: answer.cached, notes: [] }
    : { cached: undefined, notes: [`The cache was not used: ${answer.why}. Everything was read again.`] };
}

async function readExports(input: Inputs, host: Host) {
  const files = input['incident-exports'];
  const texts = await Promise.all(
    files.map((file) => readWorkspaceFile(host.context.workspace, file, 'incident-exports', mostBytes)),
  );
  return texts.flatMap((text, index) => readExport(text, files[index]!, input.environment));
}

/** What a report is measured from again; figures of an older version do not matter. */
const measuredFrom = doraReportSchema.pick({ schema: true, question: true, facts: true }).strip();

async function replay(path: string, host: Host): Promise<DoraReport> {
  const text = await readWorkspaceFile(host.context.workspace, path, 'replay', mostBytes);
  const parsed = measuredFrom.safeParse(jsonOf(text));
  if (!parsed.success)
    throw new Error(
      `${path} is no DORA report: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}\n` +
        'Fix: name the JSON report of dora-report (output "report").',
    );
  const { facts, question }: { facts: DoraFacts; question: DoraQuestion } = parsed.data;
  return compute(facts, question, ['Measured again from the facts of an earlier report.']);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const nameOf = ({ context }: Host) => `${context.owner}/${context.repository}`;

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
