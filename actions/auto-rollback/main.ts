import { longestExtension } from '../../shared/analysis/course.js';
import { openSource } from '../../shared/analysis/registry.js';
import { type AnalysisReport } from '../../shared/contracts/analysis-report.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import type { DeploymentRecord } from '../../shared/ledger/record.js';
import { defineAction } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { controlInputs, openTrafficControl } from '../../shared/traffic/open-control.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { subjectOf } from '../../shared/traffic/subject.js';
import { toOutcome, startReport, timelineOf } from './outcome.js';
import { readPlan } from '../../shared/analysis/criteria-file.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { render } from './render.js';
import { rescue } from './rescue.js';
import { findLive, movedAway, releaseFacts } from './subject.js';
import { strategyNamed } from './strategies/registry.js';
import { sayTick } from './say-tick.js';
import { claimWatch, releaseWatch } from './watch-claim.js';
import { watch } from '../../shared/analysis/watch.js';

export const action = defineAction({
  name: 'auto-rollback',
  title: 'Auto-rollback',
  description:
    'Watches a live release by criteria of its own metrics and takes it back, with evidence, when it is bad.',
  branding: { icon: 'rotate-ccw', color: 'red' },
  inputs,
  outputs,
  render,

  async run(values, host) {
    const control = await openTrafficControl(host, {
      ...controlInputs(values),
      token: values['github-token'],
    });
    try {
      const report =
        values.mode === 'now' ? await now(control, values, host) : await watchLive(control, values, host);
      return toOutcome({ ...report, timeline: timelineOf(control.timeline.events) });
    } finally {
      control.close();
    }
  },
});

/** The panic button: what is live goes back, whatever the criteria say. */
async function now(control: TrafficControl, values: Inputs, host: Host): Promise<AnalysisReport> {
  const report = startReport(values, control.runUrl);
  const found = await findLive(control, values['deployment-id']);
  if (!found.ok) return { ...report, result: 'held', reason: found.why };
  const reason = values.reason ?? `asked for by ${control.me.actor}`;
  return takeBackRelease(control, values, host.log, found, {
    ...withReleases(report, found.live, found.good),
    reason,
  });
}

/** Watches what is live until the criteria decide, and takes it back when they say so. */
async function watchLive(control: TrafficControl, values: Inputs, host: Host): Promise<AnalysisReport> {
  const file = await readTrustedFile(control.github, values.criteria);
  const { plan, sources } = readPlan(file.text, values.criteria, values.environment);
  const start = {
    ...startReport(values, control.runUrl),
    plan,
    criteriaFile: { path: values.criteria, commit: file.commit },
  };
  const found = await findLive(control, values['deployment-id']);
  if (!found.ok) return { ...start, result: 'held', reason: found.why };
  const until = control.github.now() + plan.watchMs + longestExtension(plan);
  const claim = await claimWatch(control, found.live.id, until);
  if (!claim.claimed) return { ...start, result: 'held', reason: claim.why };
  try {
    const { live, good } = found;
    const report = withReleases(start, live, good);
    const able = good
      ? await strategyNamed(values.strategy).preflight(control, { bad: live, good })
      : { ok: false as const, why: `there is no release before ${live.payload.version} to go back to` };
    report.preflight.push({
      what: 'Can it be rolled back?',
      ok: able.ok,
      message: able.ok ? `yes, to ${good!.payload.version} on ${good!.payload.colour}` : `no: ${able.why}`,
    });
    if (!able.ok)
      host.log.warning(`If this release is bad, it cannot be rolled back by moving traffic: ${able.why}`);

    const subject = subjectOf(control, { ...live.payload, sha: live.sha });
    control.timeline.say(`Watching ${subject.version} on ${subject.colour} (Deployment ${live.id})`);
    const watched = await watch(plan, {
      sources: Object.fromEntries(
        Object.entries(sources).map(([name, config]) => [name, openSource(config, { ...control, subject })]),
      ),
      clock: control.clock,
      signal: host.signal,
      movedAway: () => movedAway(control, subject.colour),
      onTick: sayTick(control.timeline, host.log),
    });
    const { verdict } = watched;
    control.timeline.say(`Verdict: ${verdict.is}: ${verdict.message}`);
    const judged: AnalysisReport = { ...report, ...watched, reason: verdict.message };
    switch (verdict.is) {
      case 'healthy':
      case 'inconclusive':
        return { ...judged, result: verdict.is };
      case 'interrupted':
        return { ...judged, result: 'error' };
      case 'moved':
        return { ...judged, result: 'held' };
      case 'failed':
        return await takeBackRelease(control, values, host.log, found, {
          ...judged,
          reason: `${verdict.criterion}: ${verdict.message}`,
        });
    }
  } finally {
    await releaseWatch(control, claim.held);
  }
}

function takeBackRelease(
  control: TrafficControl,
  { severity, strategy }: Pick<Inputs, 'severity' | 'strategy'>,
  log: Host['log'],
  { live, good }: { live: DeploymentRecord; good: DeploymentRecord | undefined },
  report: AnalysisReport,
): Promise<AnalysisReport> {
  const { reason } = report;
  return rescue(
    {
      ...control,
      takeBack: (request) => strategyNamed(strategy).run(control, request),
      log,
      events: () => timelineOf(control.timeline.events),
    },
    report,
    { bad: live, good, reason, severity },
  );
}

function withReleases(
  report: AnalysisReport,
  live: DeploymentRecord,
  good: DeploymentRecord | undefined,
): AnalysisReport {
  return { ...report, watched: releaseFacts(live), ...(good ? { previous: releaseFacts(good) } : {}) };
}
