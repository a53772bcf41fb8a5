import * as z from 'zod';
import type { Pull } from '../../evidence/code/changes.js';
import { defineGate, shortSha } from '../../gate/gate.js';
import { isWhole, reviewsOf, standsBehind } from '../../gate/reviews.js';
import { matchesAny, namePatterns } from './file-patterns.js';

const schema = z
  .strictObject({
    count: z.int().min(1).max(6).default(1).describe('Approvals that each pull request needs, 1 to 6.'),
    bots: z
      .array(z.string().regex(/\[bot\]$/, 'the slug of an App with [bot], such as renovate[bot]'))
      .default([])
      .describe('Bots whose approval counts.'),
    'last-pusher': z
      .boolean()
      .default(false)
      .describe('Whether who pushed the last commit may not approve it, under whatever name it was written.'),
    'pull-requests': z
      .strictObject({
        from: namePatterns().describe('Branches of this repository that they come from.'),
        into: namePatterns().describe('Branches that they go to.'),
      })
      .optional()
      .describe('Which pull requests bring commits; by default any.'),
  })
  .describe('Every commit since the live release came by a pull request that others approved.');

type Way = z.output<typeof schema>['pull-requests'];

/** Each commit since what is live maps to an approved pull request; a direct push fails. */
export const approvals = defineGate({
  name: 'approvals',
  schema,
  needs: {
    changes: true,
    pushes: (config) => (config['last-pusher'] ? 'last' : undefined),
  },
  judge: ({ count, bots, 'last-pusher': asked, 'pull-requests': way }, { request, evidence }) => {
    const { changes, pushes = [] } = evidence as Partial<typeof evidence> & Pick<typeof evidence, 'changes'>;
    /** Undefined where it is not asked, null where it is not known. */
    const pushersOf = ({ number, head }: Pull) =>
      asked ? (pushes.find((one) => one.pull === number && one.head === head.sha)?.by ?? null) : undefined;
    const { base, commits } = changes;
    if (base?.status === 'behind')
      return {
        is: 'fail',
        reason: `${shortSha(request.sha)} is behind what is live, so its changes cannot be listed`,
      };
    if (commits.length === 0) return { is: 'pass', reason: 'nothing changed since the live release' };
    const judged = new Map(
      changes.pulls.map((pull) => {
        const astray = doubtWay(pull, way);
        return [
          pull.number,
          astray
            ? { doubt: astray }
            : judgePull(pull, request.sha, { count, bots, pushers: pushersOf(pull) }),
        ];
      }),
    );
    const doubts = new Map<string, string[]>();
    for (const { sha, pulls, morePulls } of commits) {
      const found = pulls.flatMap((number) => changes.pulls.filter((pull) => pull.number === number));
      const good = found.filter(({ number }) => judged.get(number)?.doubt === undefined);
      const ends = good.map((pull) => doubtEnd(pull, sha, { released: request.sha, commits }));
      if (ends.includes(undefined)) continue;
      const why =
        ends.join(', ') ||
        [
          ...found.flatMap(({ number }) => judged.get(number)?.doubt ?? []),
          ...(morePulls ? ['in more pull requests than are read'] : []),
        ].join(', ') ||
        'pushed without a pull request';
      doubts.set(why, [...(doubts.get(why) ?? []), shortSha(sha)]);
    }
    const found = {
      notes: changes.pulls.flatMap((pull) =>
        reviewsOf(pull, bots, pushersOf(pull) ?? []).ignored.map((text) => `not counted: ${text}`),
      ),
      evidence: changes.pulls.map(({ number, url }) => ({ text: `#${number}`, url })),
    };
    if (doubts.size === 0) {
      const what = `${commits.length} ${commits.length === 1 ? 'commit' : 'commits'} by pull request ${changes.pulls.map(({ number }) => `#${number}`).join(', ')}`;
      return { is: 'pass', reason: `${what}, each approved by ${count} or more`, ...found };
    }
    const listed = [...doubts].map(([why, shas]) => `${listOf(shas)}: ${why}`).join('; ');
    return {
      is: 'fail',
      reason: `${listed}. Bring each commit by a pull request that ${count === 1 ? '1 person who did not write it approves' : `${count} people who did not write it approve`} on its last commit`,
      despite: listed,
      ...found,
    };
  },
});

/** Commits named in a reason. */
const mostNamed = 5;

const listOf = (shas: readonly string[]) =>
  shas.length <= mostNamed
    ? shas.join(', ')
    : `${shas.slice(0, mostNamed).join(', ')} and ${shas.length - mostNamed} more commits`;

/** Why a commit is not as its pull request was approved: that was by its end, which a release may lack. */
function doubtEnd(
  pull: Pull,
  sha: string,
  { released, commits }: { released: string; commits: readonly { sha: string }[] },
): string | undefined {
  if (sha === released && !standsBehind(pull, sha))
    return `neither the merge nor the last commit of #${pull.number}`;
  return isWhole(pull, commits)
    ? undefined
    : `#${pull.number} has later commits that this release lacks, and was approved with them`;
}

/** Why a pull request does not go the way that the policy asks for. */
function doubtWay({ number, head, base }: Pull, way: Way): string | undefined {
  if (way === undefined) return undefined;
  if (head.fork) return `#${number} is from a fork`;
  if (matchesAny(way.from)(head.branch) && matchesAny(way.into)(base)) return undefined;
  return `#${number} goes from ${head.branch} into ${base}, not from ${way.from.join(' or ')} into ${way.into.join(' or ')}`;
}

/**
 * Whether a push may be anybody's. Whoever may push a workflow has it push as github-actions[bot]; another bot pushes
 * for itself only where the pull request is its own.
 */
function pushedForOthers(login: string, { author }: Pull): boolean {
  const bot = /^(.+)\[bot\]$/i.exec(login)?.[1]?.toLowerCase();
  if (bot === undefined) return false;
  return (
    bot === 'github-actions' || !author.bot || author.login.replace(/\[bot\]$/, '').toLowerCase() !== bot
  );
}

interface Asked {
  count: number;
  bots: readonly string[];
  pushers: readonly string[] | null | undefined;
}

function judgePull(pull: Pull, sha: string, { count, bots, pushers }: Asked): { doubt?: string } {
  const { number, state, head, unread } = pull;
  if (unread !== undefined) return { doubt: `#${number} has ${unread}` };
  if (pushers === null) return { doubt: `GitHub does not tell who pushed the last commit of #${number}` };
  const steered = pushers?.find((login) => pushedForOthers(login, pull));
  if (steered !== undefined)
    return { doubt: `${steered} pushed the last commit of #${number}, and GitHub does not tell for whom` };
  const { approvedBy, against } = reviewsOf(pull, bots, pushers);
  if (state === 'closed') return { doubt: `#${number} was closed without a merge` };
  if (state === 'open' && head.sha !== sha)
    return { doubt: `#${number} is open, and the release is not its last commit` };
  if (against.length > 0) return { doubt: `#${number} has changes requested by ${against.join(', ')}` };
  return approvedBy.length >= count
    ? {}
    : { doubt: `#${number} has ${approvedBy.length} of ${count} approvals that count` };
}
