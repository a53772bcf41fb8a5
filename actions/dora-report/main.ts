import { type DoraReport } from '../../shared/contracts/dora-report.js';
import { openGitHub } from '../../shared/github/client.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { isoInstant } from '../../shared/time/instant.js';
import { compute } from './measure/compute.js';
import { gather } from './collect/gather.js';
import { inputs, outputs } from './inputs.js';
import { renderPage } from './page/page.js';
import { resolvePeriod } from './measure/period.js';
import { render, verdict } from './render/summary.js';

export const action = defineAction({
  name: 'dora-report',
  title: 'DORA report',
  description:
    'Measures change lead time, deployment frequency, change fail rate, recovery time and rework rate from the ledger, with the evidence behind each number.',
  branding: { icon: 'bar-chart-2', color: 'purple' },
  inputs,
  outputs,
  async run(input, host) {
    const { context, clock, random, signal } = host;
    const now = clock.now();
    const period = resolvePeriod(
      { from: input.from, to: input.to, window: input.window, timezone: input.timezone },
      now,
    );
    const { owner, repository, serverUrl } = context;
    const github = await openGitHub({ token: input['github-token'], at: context, clock, random, signal });
    const facts = await host.log.group('Reading the ledger', () =>
      gather(github, {
        environment: input.environment,
        services: input.services,
        from: period.from,
        to: period.to,
        writers: input['ledger-writers'],
        repositoryUrl: `${serverUrl}/${owner}/${repository}`,
        readAt: now,
      }),
    );
    const { deployments, commits, incidents } = facts.requests;
    host.log.info(
      `Read ${facts.deployments.length} deployments, ${facts.commits.length} commits and ${facts.incidents.length} incidents in ${deployments + commits + incidents} requests.`,
    );
    const report = compute(
      facts,
      {
        environment: input.environment,
        services: input.services,
        from: isoInstant(period.from),
        to: isoInstant(period.to),
        timezone: period.timezone,
        tiers: input.tiers,
        leadTimeStart: input['lead-time-start'],
        countRollbacks: input['count-rollbacks'],
      },
      period.notes,
    );
    return {
      ok: true,
      message: verdict(report),
      outputs: { result: report.result, ...figures(report) },
      report,
      files: { html: { name: 'dora-report.html', text: renderPage(report) } },
    };
  },
  render,
});

function figures({ total }: DoraReport) {
  const text = (value: number | null) => (value === null ? '' : String(Math.round(value * 1e6) / 1e6));
  return {
    'change-lead-time-p50-hours': text(total.leadTime.p50),
    'deployments-per-day': text(total.frequency.perDay),
    'change-fail-rate': text(total.changeFailRate.value),
    'recovery-time-p50-hours': text(total.recovery.p50),
    'time-to-restore-p50-hours': text(total.timeToRestore.p50),
    'rework-rate': text(total.reworkRate.value),
  };
}
