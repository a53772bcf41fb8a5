import { formatDuration } from '../../../shared/time/duration.js';
import { horizonDays, windowAt, windowSchema } from '../../../shared/time/window.js';
import { describeInstant } from '../../../shared/time/zone.js';
import { defineGate } from './gate.js';

/** Releases go out only inside the allowed windows and outside the freezes. */
export const window = defineGate({
  name: 'window',
  schema: windowSchema.describe('When releases may go out.'),
  needs: {},
  judge: (config, _facts, now) => {
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
    };
  },
});
