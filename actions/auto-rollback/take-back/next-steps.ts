import type { Releases, StrategyResult } from '../strategies/strategy.js';

/** What a person does when a release is bad and was not rolled back: one step a line, the first one first. Pure. */
export type Steps = string[];

const look = 'Run blue-green-switch in mode status: it shows who has traffic now, and changes nothing.';
const relief =
  'If that takes too long, take users away from the fault: a maintenance page at the router, or the flag of the feature off.';

/** Every way refused, and nothing moved: the bad release has all traffic. */
export function byHand({ good }: Releases, environment: string): Steps {
  const { version, digest } = good.payload;
  return [
    look,
    `Remove one of the causes above, or bring ${version} (${digest}) to an idle colour by your own deployment.`,
    `Then start the workflow Rollback again, or auto-rollback in mode now for ${environment}: all traffic goes to ${version} once that colour is well.`,
    relief,
  ];
}

/** The older app must not run on the schema that is there: bringing it back would break more. */
export function forward({ bad, good }: Releases): Steps {
  return [
    `Do not deploy ${good.payload.version}: it cannot run on the database schema that is there now.`,
    `Release a fix of ${bad.payload.version} as a hotfix.`,
    `Only if a person knows that the schema can be reversed without losing data: auto-rollback in mode now with strategy: migrations-down and reverse-schema${bad.payload.schema ? `: ${bad.payload.schema.version}` : ''}.`,
    relief,
  ];
}

/** Somebody else is moving traffic. */
export const afterThem = (): Steps => [
  'Another run moves traffic just now: open it, and wait for its end.',
  look,
  'If the bad release has traffic then, start the workflow Rollback again.',
];

/** Traffic may have moved, or not all of it: who has it is not known. */
export const notKnown = ({ bad, good }: Pick<Releases, 'bad'> & Partial<Releases>): Steps => [
  look,
  `If ${bad.payload.version} has traffic, start the workflow Rollback again. If ${good?.payload.version ?? 'the release before it'} has all of it, run blue-green-switch in mode reconcile: the ledger follows.`,
  'If traffic is split, give all of it to one colour by hand at the router, then run mode reconcile.',
  relief,
];

/** Reversing the schema broke off: until somebody looks, no app may be believed to fit it. */
export const whichSchema = ({ bad, good }: Releases, from: string, to: string): Steps => [
  `Read which schema the database has, ${from} or ${to} or something between: the table of your migrations says it. Keep writes fenced until then.`,
  `If it is ${from}, lift the fence: ${bad.payload.version} still has all traffic and works as before. Press again once the cause above is gone.`,
  `If it is something else, bring it to ${from} or to ${to} by hand, by your migration tool or the back-up. At ${to}, press again: an executable that finds nothing to reverse prints ${to}, and traffic goes to ${good.payload.version}.`,
  relief,
];

/** The schema is the older one, and traffic still on the app that needs the newer. */
export const schemaReversed = ({ bad, good }: Releases, to: string): Steps => [
  look,
  `Keep writes fenced: ${bad.payload.version} does not fit schema ${to}.`,
  `Remove the cause above, then press again with the same inputs: an executable that finds nothing to reverse prints ${to}, and traffic goes to ${good.payload.version}.`,
  `If ${good.payload.version} cannot be brought back, apply the migrations of ${bad.payload.version} again before the fence is lifted.`,
  relief,
];

/** What brings the good release back is on its way and takes its time. */
export const onItsWay = ({ bad }: Pick<Releases, 'bad'>): Steps => [
  `Until it is through, ${bad.payload.version} keeps all traffic: follow what was started, and approve it where it waits.`,
  relief,
];

/** The ledger knows no release to go back to. */
export const nothingBefore = (): Steps => ['Release a fix as a hotfix.', relief];

/** The steps after what one strategy came to; none where the good release is back. */
export function stepsAfter(
  result: StrategyResult['result'],
  releases: Pick<Releases, 'bad'> & Partial<Releases>,
): Steps {
  if (result === 'restored' || result === 'refused') return [];
  return result === 'started' ? onItsWay(releases) : notKnown(releases);
}
