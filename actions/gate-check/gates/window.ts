import { formatDuration } from '../../../shared/time/duration.js';
import {
  calendarsOf,
  horizonDays,
  isFrozenBy,
  windowAt,
  windowSchema,
  withCalendars,
  type WindowConfig,
} from '../../../shared/time/window.js';
import { describeInstant } from '../../../shared/time/zone.js';
import { defineGate, type GateResult } from '../gate/gate.js';
import { refusesHotfix } from '../gate/hotfix-proof.js';

/** Releases go out only inside the allowed windows and outside the freezes. */
export const window = defineGate({
  name: 'window',
  beforeMerge: 'tells',
  byPeople: true,
  schema: windowSchema.describe('When releases may go out.'),
  needs: { calendars: (config) => (calendarsOf(config).length > 0 ? calendarsOf(config) : undefined) },
  hotfixLevels: ({ freeze = [] }) => freeze.map(({ letHotfix = false }) => letHotfix),
  judge: (written, { request, hotfix, evidence }, now) => {
    const { calendars = [] } = evidence as Partial<typeof evidence>;
    const spansOf = (path: string, timezone: string, reading: string) =>
      calendars.find((one) => one.path === path && one.timezone === timezone && one.reading === reading)
        ?.spans;
    const unread = calendarsOf(written).find(
      ({ path, timezone, reading }) => !spansOf(path, timezone, reading),
    );
    if (unread) return { is: 'fail', reason: `the calendar ${unread.path} was not looked up` };
    const config = withCalendars(written, spansOf);
    const strict = judgeWindow(config, now);
    const liftable = (config.freeze ?? []).filter(
      (rule) => rule.letHotfix !== undefined && isFrozenBy(rule, config, now),
    );
    if (strict.is === 'pass' || request.kind !== 'hotfix' || liftable.length === 0) return strict;
    const refusals = liftable.map(({ letHotfix = false }) => refusesHotfix(letHotfix, hotfix));
    const refusal = refusals.find((one) => one !== undefined);
    const lifted = liftable.filter((_, index) => refusals[index] === undefined);
    const freeze = config.freeze?.filter((rule) => !lifted.includes(rule)) ?? [];
    const lenient = judgeWindow({ ...config, freeze: freeze.length > 0 ? freeze : undefined }, now);
    if (lenient.is !== 'pass' || !hotfix.proved)
      return {
        ...lenient,
        reason: `${lenient.reason}${refusal ? `. It does not pass as a hotfix: ${refusal}` : ''}`,
      };
    const because = lifted.map(({ reason, text }) => reason ?? text).join('; ');
    const reason = `the hotfix (${hotfix.what}) is allowed despite the freeze (${because})`;
    return {
      ...lenient,
      reason: `${reason}; ${lenient.reason}`,
      waived: { reason, by: hotfix.by.join(', ') },
    };
  },
});

function judgeWindow(config: WindowConfig, now: number): GateResult {
  const state = windowAt(config, now);
  const moment = (instant: number) => describeInstant(config.timezone, instant);
  const because = state.rule?.reason ?? state.rule?.text;
  if (state.open) {
    const until = state.closesAt === undefined ? '' : ` until ${moment(state.closesAt)}`;
    return {
      is: 'pass',
      reason: `open${because ? ` (${because})` : ''}${until}`,
      closesAt: state.closesAt,
    };
  }
  const why = because ? `frozen: ${because}` : 'outside every allowed window';
  if (state.opensAt === undefined) {
    return {
      is: 'fail',
      reason: `${why}, and it does not open within ${horizonDays} days: correct the policy's window`,
    };
  }
  return {
    is: 'hold',
    reason: `${why}; opens ${moment(state.opensAt)}, in ${formatDuration(state.opensAt - now)}`,
    opensAt: state.opensAt,
    byPerson: why,
  };
}
