import { decide } from '../../actions/gate-check/decide.js';
import { readPolicy } from '../../actions/gate-check/policy.js';
import { now, policyOf, request } from '../../test/actions/gate-check/facts.js';
import { worldOf } from '../../test/actions/gate-check/whole-world.js';
import type { Row } from '../row.js';

const two = (number: number) => String(number).padStart(2, '0');

/** Ten rules of each form, in three zones. */
const ordinary = Array.from({ length: 10 }, (_, at) => [
  `{ days: fri, from: '${two(at)}:00', to: '${two(at + 3)}:30' }`,
  `{ from: sat ${two(at)}:00, to: sun ${two(at)}:00, timezone: America/New_York }`,
  `{ cron: '${at} 22 * * mon', for: 7h, timezone: Australia/Lord_Howe }`,
  `{ dates: 12-${two(at + 1)} .. 12-${two(at + 5)} }`,
  `{ days: '2nd tue, last day', from: '${two(at)}:00', to: '${two(at + 1)}:00' }`,
]).flat();

/** Half a million windows in the year that is looked through: together they never open. */
const hourly = Array.from({ length: 50 }, (_, at) => `{ cron: '${at} * * * *', for: 20m }`);

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Processor time to read a policy of fifty rules and to decide by it, in milliseconds. */
function costOf(rules: readonly string[]): number {
  const before = cpuMs();
  const text = policyOf(`window: { timezone: Europe/Madrid, freeze: [${rules.join(', ')}] }`);
  decide(readPolicy(text, 'release-policy.yml', 'production'), request, worldOf(), now);
  return Math.round(cpuMs() - before);
}

/** What fifty rules cost: in a process that has just begun, as a step has, and once it is warm. */
export function ruleRows(): Row[] {
  return (
    [
      ['50 window rules of five forms', ordinary],
      ['50 hourly rules that never open', hourly],
    ] as const
  ).flatMap(([subject, rules]) =>
    ['processor time, first', 'processor time, again'].map((metric) => ({
      subject,
      metric,
      value: costOf(rules),
      unit: 'ms',
      of: 200,
    })),
  );
}
