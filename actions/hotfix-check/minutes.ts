import type { Stage } from '../../shared/contracts/reports/hotfix-report.js';
import { partsOf, secondsOf, type EndedJob } from './parts.js';

export type { EndedJob };

/** Instants of a hotfix on its way, in epoch milliseconds; undefined: not yet, or not known. */
export interface Moments {
  /** By the clock of who wrote the commit; all others are GitHub's. */
  firstCommit: number | undefined;
  /** When its branch was pushed first. */
  pushed?: number | undefined;
  opened: number;
  /** When its checks were asked for: by the opening, or a later push. */
  asked: number | undefined;
  /** What ran for its last commit. */
  jobs: readonly EndedJob[];
  /** The first approval of the last commit by somebody else. */
  approved: number | undefined;
  merged?: number | undefined;
  /** When production got it, by the ledger. */
  live?: number | undefined;
  /** Jobs of the run that brought it there. */
  shipped?: readonly EndedJob[];
  now: number;
}

/** How the target is shared out: 2, 3, 10, 15 and 5 of 35 minutes. */
const shares = { fix: 2 / 35, open: 3 / 35, checks: 10 / 35, review: 15 / 35, ship: 5 / 35 };
/** A push this much later than the opening is a stage of its own. Milliseconds. */
const soon = 60_000;

export interface Minutes {
  late: boolean;
  message: string;
  stages: Stage[];
  /** Minutes so far, to production where it is there. */
  spent: number;
}

/** How long each stage took against the target, and whether what is left can still be in time. */
export function minutesOf(moments: Moments, target: number): Minutes {
  const { opened, asked, jobs, approved, merged, live, now } = moments;
  const planned = (share: keyof typeof shares) => target * shares[share];
  // Git takes any date: one after the opening is no beginning.
  const began = before(moments.firstCommit, opened);
  const pushed = before(moments.pushed, opened);
  const checked = asked === undefined ? undefined : Math.max(asked, ...jobs.map(({ to }) => to));
  const reviewed = approved === undefined ? undefined : Math.max(approved, checked ?? approved);
  const reach = live ?? merged ?? reviewed ?? Math.max(now, checked ?? now);
  const left =
    live === undefined
      ? planned('ship') + (reviewed === undefined && merged === undefined ? planned('review') : 0)
      : 0;
  const start = began ?? pushed ?? opened;
  const spent = (reach - start) / 60_000;
  const stages: Stage[] = [
    ...beginning({ began, pushed, opened }, planned),
    ...(asked !== undefined && asked - opened > soon
      ? [{ name: 'Until this push', seconds: secondsOf(opened, asked), target: 0, note: 'it was changed' }]
      : []),
    {
      name: 'Checks',
      seconds: checked === undefined ? null : secondsOf(asked!, checked),
      target: planned('checks'),
      note: checked === undefined ? 'no run of its last commit is known' : '',
    },
    ...partsOf(jobs),
    {
      name: 'Review',
      seconds: reviewed === undefined ? null : secondsOf(checked ?? opened, reviewed),
      target: planned('review'),
      note:
        reviewed === undefined
          ? merged === undefined
            ? 'not approved yet'
            : 'nobody approved its last commit'
          : checked === undefined
            ? 'with the checks'
            : '',
    },
    ...(merged === undefined
      ? []
      : [
          {
            name: 'Wait for the merge',
            seconds: reviewed === undefined ? null : secondsOf(reviewed, merged),
            target: null,
            note: '',
          },
        ]),
    shipping({ reviewed, merged, live }, planned('ship')),
    ...partsOf(moments.shipped ?? []),
  ];
  const late = spent + left > target;
  return { late, message: sentence({ spent, left, target, began, pushed, live }), stages, spent };
}

const before = (at: number | undefined, opened: number) =>
  at !== undefined && at <= opened ? at : undefined;

interface Beginning {
  began: number | undefined;
  pushed: number | undefined;
  opened: number;
}

function beginning(
  { began, pushed, opened }: Beginning,
  planned: (share: 'fix' | 'open') => number,
): Stage[] {
  const unknown = 'the date of the first commit cannot be';
  if (pushed === undefined)
    return [
      {
        name: 'First commit to pull request',
        seconds: began === undefined ? null : secondsOf(began, opened),
        target: planned('fix') + planned('open'),
        note: began === undefined ? unknown : 'by the date in the commit',
      },
    ];
  const fits = began !== undefined && began <= pushed;
  return [
    {
      name: 'First commit to push',
      seconds: fits ? secondsOf(began, pushed) : null,
      target: planned('fix'),
      note: fits ? 'by the date in the commit' : unknown,
    },
    { name: 'Push to pull request', seconds: secondsOf(pushed, opened), target: planned('open'), note: '' },
  ];
}

interface End {
  reviewed: number | undefined;
  merged: number | undefined;
  live: number | undefined;
}

/** A hotfix that is released from its branch is merged afterwards. */
function shipping({ reviewed, merged, live }: End, target: number): Stage {
  const from = merged !== undefined && (live === undefined || merged <= live) ? merged : reviewed;
  const name = live !== undefined && from !== merged ? 'Approval to production' : 'Merge to production';
  return {
    name,
    seconds: live === undefined || from === undefined ? null : secondsOf(from, live),
    target,
    note: live === undefined ? 'after the merge' : from === undefined ? 'nobody approved it' : '',
  };
}

interface Sum extends Pick<Beginning, 'began' | 'pushed'> {
  spent: number;
  left: number;
  target: number;
  live: number | undefined;
}

function sentence({ spent, left, target, began, pushed, live }: Sum): string {
  const whole = (minutes: number) => `${Math.ceil(minutes)} min`;
  if (live === undefined)
    return `${whole(spent)} so far, ${whole(spent + left)} with what is planned for the rest; the target is ${target} min`;
  const from =
    began !== undefined
      ? 'from its first commit'
      : `from its ${pushed === undefined ? 'pull request' : 'first push'}, since its first commit has no date that can be,`;
  return `${whole(spent)} ${from} to production; the target is ${target} min`;
}
