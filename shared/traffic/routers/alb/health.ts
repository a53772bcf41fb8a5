import { members, textAt, type XmlElement } from './xml.js';

export type GroupHealth = { healthy: true } | { healthy: false; why: string };

/** Reads DescribeTargetHealth: all targets must be healthy, and there must be one; those being deregistered do not count. */
export function readTargetHealth(result: XmlElement | undefined): GroupHealth {
  const targets = members(result, 'TargetHealthDescriptions').map((target) => ({
    id: textAt(target, 'Target', 'Id') ?? '?',
    state: textAt(target, 'TargetHealth', 'State') ?? '?',
    reason: textAt(target, 'TargetHealth', 'Reason'),
    description: textAt(target, 'TargetHealth', 'Description'),
  }));
  const counted = targets.filter(({ state }) => state !== 'draining');
  const ill = counted.filter(({ state }) => state !== 'healthy');
  if (counted.length === 0) return { healthy: false, why: 'it has no registered targets' };
  if (ill.length === 0) return { healthy: true };
  const [first] = ill;
  const message = [first!.reason, first!.description].filter(Boolean).join(': ');
  const hint =
    first!.reason === 'Target.HealthCheckDisabled' ? '; enable the health check of the target group' : '';
  return {
    healthy: false,
    why: `${ill.length} of ${counted.length} targets are not healthy (${first!.id} is ${first!.state}${message ? `, ${message}` : ''})${hint}`,
  };
}
