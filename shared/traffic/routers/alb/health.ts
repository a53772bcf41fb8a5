import { members, textAt, type XmlElement } from './xml.js';

/** `unused`: no listener names the group, so that nobody checks its targets. */
export type GroupHealth =
  { healthy: true; targets: number } | { healthy: false; why: string; unused: boolean };

/**
 * Reads DescribeTargetHealth: all targets must be healthy, and there must be one; those being deregistered do not
 * count.
 */
export function readTargetHealth(result: XmlElement | undefined): GroupHealth {
  const targets = members(result, 'TargetHealthDescriptions').map((target) => ({
    id: textAt(target, 'Target', 'Id') ?? '?',
    state: textAt(target, 'TargetHealth', 'State') ?? '?',
    reason: textAt(target, 'TargetHealth', 'Reason'),
    description: textAt(target, 'TargetHealth', 'Description'),
  }));
  const counted = targets.filter(({ state }) => state !== 'draining');
  const ill = counted.filter(({ state }) => state !== 'healthy');
  if (counted.length === 0) return { healthy: false, why: 'it has no registered targets', unused: false };
  if (ill.length === 0) return { healthy: true, targets: counted.length };
  const [first] = ill;
  const message = [first!.reason, first!.description].filter(Boolean).join(': ');
  const hint =
    first!.reason === 'Target.HealthCheckDisabled' ? '; enable the health check of the target group' : '';
  return {
    healthy: false,
    unused: counted.every(({ reason }) => reason === 'Target.NotInUse'),
    why: `${ill.length} of ${counted.length} targets are not healthy (${first!.id} is ${first!.state}${message ? `, ${message}` : ''})${hint}`,
  };
}
