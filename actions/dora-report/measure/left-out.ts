import type { DoraQuestion, LeftOut } from '../../../shared/contracts/reports/dora-report.js';
import type { Evidence, Evidences } from './evidence.js';
import type { Judged, Judgement } from './judge.js';
import { restoreHours, windowOf, within, type Window } from './measure.js';
import type { Dropped } from '../metrics/lead-time.js';
import { at, groupBy, type NotCounted } from '../metrics/units.js';

export const examplesShown = 10;

const recordReasons: Record<NotCounted, { what: string; why: string }> = {
  distrusted: {
    what: 'untrusted deployment records',
    why: 'not written by someone allowed to write the ledger',
  },
  'in flight': { what: 'deployments in flight', why: 'not finished yet' },
  'never succeeded': {
    what: 'deployments that never succeeded',
    why: 'they failed before they met traffic',
  },
  'given up': { what: 'deployments given up', why: 'made inactive before a success' },
  'same deployment': { what: 'further records of a deployment', why: 'same commit and run: one deployment' },
};

const sampleReasons: Record<Exclude<Dropped, 'rollback'>, { what: string; why: string }> = {
  'first deployment': { what: 'first deployments', why: 'no lead time: nothing earlier to compare with' },
  'commit gone': {
    what: 'deployments of a lost commit',
    why: 'no lead time: the commit is no longer in the repository',
  },
  'previous commit gone': {
    what: 'deployments after a lost commit',
    why: 'no lead time: the commit deployed before is no longer in the repository',
  },
  'history not read whole': {
    what: 'deployments with too long a history',
    why: 'no lead time: more commits than are read',
  },
  'merge commit': { what: 'merge commits', why: 'no lead time of their own: the merged commits have theirs' },
  'not older than its deployment': {
    what: 'commits dated at or after their deployment',
    why: 'no lead time: a clock was wrong',
  },
  'implausible date': {
    what: 'commits dated before the year 2000',
    why: 'no lead time: a clock was not set',
  },
  'other path': { what: 'commits of other paths', why: 'they change nothing of their service (input paths)' },
  'author left out': {
    what: 'commits of authors left out',
    why: 'inputs exclude-authors and exclude-bots',
  },
  'without the label': { what: 'commits without the label', why: 'input labels' },
  'counted with its pull request': {
    what: 'further commits of a pull request',
    why: 'one lead time for each pull request (input lead-time-start)',
  },
};

/** Everything in the window that is in no number, with the reason and examples. */
export function leftOutOf(question: DoraQuestion, judgement: Judgement, say: Evidences): LeftOut[] {
  const window = windowOf(question);
  const inWindow = judgement.deployments.filter((d) => within(window, d.at));
  return [
    ...records(judgement.notCounted, window, say),
    ...rollbacks(inWindow, question, say),
    ...samples(inWindow, say),
    ...incidents(judgement, window, say),
  ];
}

function records(notCounted: Judgement['notCounted'], window: Window, say: Evidences): LeftOut[] {
  const grouped = groupBy(
    notCounted.filter(({ record }) => within(window, at(record.createdAt))),
    ({ why }) => why,
  );
  return [...grouped].map(([why, found]) =>
    leftOut(
      recordReasons[why],
      found.map(({ record }) => {
        const { text, url } = say.deployment(record);
        return { text: record.distrust.length > 0 ? `${text}: ${record.distrust.join('; ')}` : text, url };
      }),
    ),
  );
}

function rollbacks(inWindow: readonly Judged[], question: DoraQuestion, say: Evidences): LeftOut[] {
  const found = question.countRollbacks
    ? []
    : inWindow.filter((d) => d.rollback).map((d) => say.deployment(d));
  const reason = {
    what: 'rollbacks',
    why: 'they bring nothing new: no lead time, and not counted (input count-rollbacks)',
  };
  return found.length > 0 ? [leftOut(reason, found)] : [];
}

function samples(inWindow: readonly Judged[], say: Evidences): LeftOut[] {
  const dropped = inWindow.flatMap((deployment) =>
    deployment.leadTimes.dropped.flatMap(({ why, commit }) =>
      why === 'rollback' ? [] : [{ why, commit, deployment }],
    ),
  );
  const grouped = groupBy(dropped, ({ why }) => why);
  return [...grouped].map(([why, found]) =>
    leftOut(
      sampleReasons[why],
      found.map(({ commit, deployment }) => (commit ? say.commit(commit) : say.deployment(deployment))),
    ),
  );
}

function incidents(judgement: Judgement, window: Window, say: Evidences): LeftOut[] {
  const untrusted = judgement.otherIncidents.filter(
    ({ incident, why }) => why === 'untrusted' && within(window, at(incident.openedAt)),
  );
  const inWindow = judgement.incidents.filter(({ openedAt }) => within(window, at(openedAt)));
  const known = new Set(judgement.deployments.flatMap((d) => d.ids));
  const linked = new Set(
    judgement.deployments.flatMap((d) =>
      d.failures.flatMap((failure) => (failure.sign === 'incident' ? [failure.incident] : [])),
    ),
  );
  const unlinked = inWindow.filter(
    (incident) =>
      !linked.has(incident) &&
      (incident.marker?.causedBy === undefined || !known.has(incident.marker.causedBy)),
  );
  const backwards = judgement.incidents.filter(
    (incident) => (restoreHours(incident) ?? 0) < 0 && within(window, at(incident.closedAt!)),
  );
  return [
    leftOut(
      { what: 'untrusted incidents', why: 'no marker of ours, or someone else edited it last' },
      untrusted.map(({ incident }) => say.incident(incident)),
    ),
    leftOut(
      {
        what: 'incidents without a deployment',
        why: 'no counted deployment is named as their cause: not in the change fail rate',
      },
      unlinked.map((incident) => say.incident(incident)),
    ),
    leftOut(
      { what: 'incidents closed before they opened', why: 'no time to restore: a clock was wrong' },
      backwards.map((incident) => say.incident(incident)),
    ),
  ].filter(({ count }) => count > 0);
}

function leftOut(reason: { what: string; why: string }, found: readonly Evidence[]): LeftOut {
  return { ...reason, count: found.length, examples: found.slice(0, examplesShown) };
}
