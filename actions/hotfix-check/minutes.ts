import type { Stage } from '../../shared/contracts/reports/hotfix-report.js';

/** A job of this run that ended, with its whole name such as "Hotfix / Scan / Secrets". Epoch milliseconds. */
export interface EndedJob {
  name: string;
  from: number;
  to: number;
}

/** Instants of a hotfix on its way, in epoch milliseconds; undefined: not yet. */
export interface Moments {
  /** By the clock of who wrote the commit. */
  firstCommit: number | undefined;
  opened: number;
  /** When this run was asked for: by the opening, or a later push. */
  asked: number;
  jobs: readonly EndedJob[];
  /** The first approval of the last commit by somebody else. */
  approved: number | undefined;
  now: number;
}

/** How the target is shared out, in sevenths: 5, 10, 15 and 5 of 35 minutes. */
const shares = { open: 1, checks: 2, review: 3, ship: 1 };
/** A push this much later than the opening is a stage of its own. */
const soon = 60_000;

export interface Minutes {
  late: boolean;
  message: string;
  stages: Stage[];
}

/** How long each stage took against the target, and whether what is left can still be in time. */
export function minutesOf(moments: Moments, target: number): Minutes {
  const { opened, asked, jobs, approved, now } = moments;
  const planned = (share: number) => (target * share) / 7;
  // Git takes any date: one after the opening is no beginning.
  const began =
    moments.firstCommit !== undefined && moments.firstCommit <= opened ? moments.firstCommit : undefined;
  const checked = Math.max(asked, ...jobs.map(({ to }) => to));
  const reviewed = approved === undefined ? undefined : Math.max(approved, checked);
  const reach = reviewed ?? Math.max(now, checked);
  const left = planned(shares.ship) + (reviewed === undefined ? planned(shares.review) : 0);
  const spent = (reach - (began ?? opened)) / 60_000;
  const expected = spent + left;
  const late = expected > target;
  const stages: Stage[] = [
    {
      name: 'First commit to pull request',
      seconds: began === undefined ? null : secondsOf(began, opened),
      target: planned(shares.open),
      note: began === undefined ? 'the date of the first commit cannot be' : 'by the date in the commit',
    },
    ...(asked - opened > soon
      ? [{ name: 'Until this push', seconds: secondsOf(opened, asked), target: 0, note: 'it was changed' }]
      : []),
    { name: 'Checks', seconds: secondsOf(asked, checked), target: planned(shares.checks), note: '' },
    ...partsOf(jobs),
    {
      name: 'Review',
      seconds: reviewed === undefined ? null : secondsOf(checked, reviewed),
      target: planned(shares.review),
      note: reviewed === undefined ? 'not approved yet' : '',
    },
    { name: 'Merge to production', seconds: null, target: planned(shares.ship), note: 'after the merge' },
  ];
  const whole = (minutes: number) => `${Math.ceil(minutes)} min`;
  const message = `${whole(spent)} so far, ${whole(expected)} with what is planned for the rest; the target is ${target} min`;
  return { late, message, stages };
}

/** Parts of the checks: a called workflow is one, from its first job to its last. They run at the same time. */
function partsOf(jobs: readonly EndedJob[]): Stage[] {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { name, from, to } of jobs) {
    const names = name.split(' / ');
    const part = names.length > 2 ? names.slice(1, -1).join(' / ') : names.at(-1)!;
    const known = spans.get(part);
    spans.set(part, { from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to) });
  }
  return [...spans].map(([part, { from, to }]) => ({
    name: `· ${part}`,
    seconds: secondsOf(from, to),
    target: null,
    note: '',
  }));
}

const secondsOf = (from: number, to: number) => Math.max(0, Math.round((to - from) / 1000));
