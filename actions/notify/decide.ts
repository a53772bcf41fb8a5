import type { Delivery, Notification, NotifyReport } from '../../shared/contracts/notification.js';
import type { Channel, Settings } from '../../shared/notify/channel.js';
import type { Inputs } from './inputs.js';

/** A channel is on as soon as its first input has a value. */
export const isOn = ({ inputs }: Channel, settings: Settings): boolean => Boolean(settings[inputs[0]]);

/** Inputs of channels that have no value, by name. */
export const emptyInputs = (settings: Settings): string[] =>
  Object.keys(settings).filter((name) => !settings[name]);

/** Why a channel that is on is not told; undefined when it is. */
export function skipReason(
  { pagesOnly }: Pick<Channel, 'pagesOnly'>,
  { tone, changed, page }: Pick<Notification, 'tone' | 'changed' | 'page'>,
  on: Inputs['on'],
): string | undefined {
  if (pagesOnly) return page ? undefined : 'This wakes nobody, and ends nothing that did.';
  const bad = tone !== 'success';
  if (on === 'all' || bad || (on === 'changes' && changed)) return undefined;
  return on === 'changes'
    ? 'A success that changed nothing; the input "on" is changes.'
    : 'A success; the input "on" is failures.';
}

const names = (deliveries: readonly Delivery[]) => deliveries.map(({ channel }) => channel).join(', ');

/** The result of all deliveries, and a sentence that names who was told and who was not. */
export function resultOf(
  deliveries: readonly Delivery[],
  empty: readonly string[],
): Pick<NotifyReport, 'result' | 'message'> {
  if (deliveries.length === 0)
    return {
      result: 'not-configured',
      message: `Nobody was told: no channel is on. These inputs are empty: ${empty.join(', ')}.`,
    };
  const delivered = deliveries.filter(({ result }) => result === 'delivered');
  const failed = deliveries.filter(({ result }) => result === 'failed');
  if (failed.length > 0) {
    const told = delivered.length > 0 ? `Told ${names(delivered)}; not` : 'Nobody was told: not';
    return {
      result: delivered.length > 0 ? 'partly-delivered' : 'not-delivered',
      message: `${told} delivered to ${names(failed)}.`,
    };
  }
  if (delivered.length > 0) return { result: 'delivered', message: `Told ${names(delivered)}.` };
  return { result: 'not-needed', message: `Nothing to tell ${names(deliveries)}.` };
}
