import type { Call } from '../../../contracts/call.js';
import type { Observed, Weights } from '../../router.js';
import { sameWeights } from '../../router.js';
import type { AlbConfig } from './config.js';
import { formatDuration } from '../../../time/duration.js';
import { members, textAt, type XmlElement } from './xml.js';
import { sharesByColour, wholeShares } from '../reading.js';

/** A forward action, whole: what is not a colour's weight is given back as it came. */
export interface Forward {
  order?: string;
  groups: readonly { arn: string; weight: number }[];
  /** Whether clients stay with a target group, and for how many seconds. */
  stickiness?: { enabled: string; seconds?: string };
}

export type ForwardReading = { ok: true; forward: Forward; weights: Weights } | { ok: false; why: string };

/** Reads the actions of a rule or listener, which must be one forward action to the colours alone. */
export function readForward(config: AlbConfig, actions: readonly XmlElement[]): ForwardReading {
  const types = actions.map((action) => textAt(action, 'Type') ?? '?');
  const [action] = actions;
  if (!action || types.length !== 1 || types[0] !== 'forward')
    return no(
      `has the actions ${types.join(', ') || '(none)'}; only a single forward action is switched here`,
    );
  const order = textAt(action, 'Order');
  const listed = members(action, 'ForwardConfig', 'TargetGroups').map((group) => ({
    arn: textAt(group, 'TargetGroupArn') ?? '',
    weight: Number(textAt(group, 'Weight') ?? 1),
  }));
  const single = textAt(action, 'TargetGroupArn');
  const groups = listed.length > 0 ? listed : single ? [{ arn: single, weight: 1 }] : [];
  const odd = groups.find(
    ({ arn, weight }) => arn === '' || !Number.isInteger(weight) || weight < 0 || weight > 999,
  );
  if (groups.length === 0 || odd) return no('has a forward action whose target groups are not understood');
  const colours = Object.values(config['target-groups']);
  const stranger = groups.find(({ arn, weight }) => weight > 0 && !colours.includes(arn));
  if (stranger)
    return no(`also forwards to ${stranger.arn}, which is no colour; give it weight 0 or take it out`);
  const enabled = textAt(action, 'ForwardConfig', 'TargetGroupStickinessConfig', 'Enabled');
  const seconds = textAt(action, 'ForwardConfig', 'TargetGroupStickinessConfig', 'DurationSeconds');
  return {
    ok: true,
    forward: {
      ...(order ? { order } : {}),
      groups,
      ...(enabled ? { stickiness: { enabled, ...(seconds ? { seconds } : {}) } } : {}),
    },
    weights: sharesByColour(config['target-groups'], new Map(groups.map(({ arn, weight }) => [arn, weight]))),
  };
}

/** That clients stay with a target group, whatever the weights say; empty where they do not. */
export function stickyNotes(node: string, { stickiness }: Pick<Forward, 'stickiness'>): string[] {
  if (stickiness?.enabled !== 'true') return [];
  const seconds = Number(stickiness.seconds ?? NaN);
  const long = Number.isFinite(seconds) ? `up to ${formatDuration(seconds * 1_000)}` : 'some time';
  return [
    `node "${node}" keeps clients with a target group (stickiness), so those who have been to the old colour stay there ${long} after a switch`,
  ];
}

/**
 * Parameters of the query protocol that say a forward action under a list's name: `Actions` of a rule, `DefaultActions`
 * of a listener.
 */
export function forwardParameters(
  list: 'Actions' | 'DefaultActions',
  forward: Forward,
): Record<string, string> {
  const action = `${list}.member.1`;
  const config = `${action}.ForwardConfig`;
  const { order, groups, stickiness } = forward;
  return {
    [`${action}.Type`]: 'forward',
    ...(order ? { [`${action}.Order`]: order } : {}),
    ...Object.fromEntries(
      groups.flatMap(({ arn, weight }, index) => [
        [`${config}.TargetGroups.member.${index + 1}.TargetGroupArn`, arn],
        [`${config}.TargetGroups.member.${index + 1}.Weight`, String(weight)],
      ]),
    ),
    ...(stickiness ? { [`${config}.TargetGroupStickinessConfig.Enabled`]: stickiness.enabled } : {}),
    ...(stickiness?.seconds
      ? { [`${config}.TargetGroupStickinessConfig.DurationSeconds`]: stickiness.seconds }
      : {}),
  };
}

/**
 * The forward action with these shares for the colours; all else as it was. A colour that is not listed and gets
 * nothing stays unlisted.
 */
export function withShares(config: AlbConfig, forward: Forward, shares: Weights): Forward {
  const share = new Map(
    Object.entries(config['target-groups']).map(([colour, arn]) => [arn, shares[colour] ?? 0]),
  );
  const listed = forward.groups.map(({ arn, weight }) => ({ arn, weight: share.get(arn) ?? weight }));
  const missing = [...share]
    .filter(([arn, weight]) => weight > 0 && !forward.groups.some((group) => group.arn === arn))
    .map(([arn, weight]) => ({ arn, weight }));
  return { ...forward, groups: [...listed, ...missing] };
}

/**
 * The forward action with a target group listed, at weight 0 where it was not: only then does the load balancer check
 * its health.
 */
export function withGroup(forward: Forward, arn: string): Forward {
  return isListed(forward, arn) ? forward : { ...forward, groups: [...forward.groups, { arn, weight: 0 }] };
}

/** Whether a forward action names a target group, at whatever weight. */
export function isListed({ groups }: Forward, arn: string): boolean {
  return groups.some((group) => group.arn === arn);
}

export interface AlbObserved extends Observed {
  /** Left out where a state is only assumed: then nothing is planned. */
  forwards?: Readonly<Record<string, Forward>>;
}

/**
 * First every listener and rule lists the rising target groups at weight 0, so that their health is known; then each
 * gets its weights.
 */
export function planForwards(config: AlbConfig, observed: AlbObserved, target: Weights): Call[] {
  const groups = config['target-groups'];
  const shares = wholeShares(groups, target);
  const attach: Call[] = [];
  const weigh: Call[] = [];
  for (const { name: node, listener } of config.nodes) {
    const forward = observed.forwards?.[node];
    const before = observed.nodes[node];
    if (!forward || !before || sameWeights(before, shares)) continue;
    const verb = listener === undefined ? 'ModifyRule' : 'ModifyListener';
    for (const [colour, arn] of Object.entries(groups)) {
      if (shares[colour] === 0 || isListed(forward, arn)) continue;
      attach.push({
        node,
        say: `${verb} ${node}: list ${colour} at weight 0`,
        action: { do: 'attach', group: arn },
      });
    }
    const words = Object.entries(shares).map(([colour, weight]) => `${colour} ${weight}`);
    const action = { do: 'weigh', weights: JSON.stringify(shares), before: JSON.stringify(before) };
    weigh.push({ node, say: `${verb} ${node}: weights ${words.join(', ')}`, action });
  }
  return [...attach, ...weigh];
}

function no(why: string): ForwardReading {
  return { ok: false, why };
}
