import * as z from 'zod';
import { duration } from '../../config/fields.js';
import type { Problem } from '../../config/problem.js';
import type { Plan } from '../../contracts/reports/analysis-report.js';
import { formatDuration } from '../../time/duration.js';
import { resolveCriterion, type CriterionFields } from '../criterion.js';
import { noPastOf, type SourceConfig } from '../registry.js';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];

/** What scheduled checks of a release are like. */
export const checkFields = () =>
  z
    .strictObject({
      for: duration()
        .refine((ms) => ms >= hour && ms <= 7 * day, 'from 1h to 7d')
        .prefault('48h')
        .describe('How long after it went live a release is checked; then it is confirmed.'),
      interval: duration()
        .refine((ms) => ms >= 1_000, 'at least 1s')
        .optional()
        .describe('Between two looks at the past; 1m, or the shortest "for" when that is less.'),
      data: z
        .string()
        .regex(/^(100|[1-9]\d?)\s*%$/, 'a share such as "50 %"')
        .default('50 %')
        .describe('Share of the looks that must have data, for each criterion, or nothing is confirmed.'),
    })
    .prefault({})
    .describe('Mode check, on a schedule: how long a release is looked after.');

/** What of the rules of an environment a plan for checks is made from. */
interface Rules {
  check: z.output<ReturnType<typeof checkFields>>;
  'warm-up': number;
  sources: Readonly<Record<string, SourceConfig>>;
  criteria: readonly CriterionFields[];
}

/** Where a key of the environment stands in the file. */
export type PlaceInFile = (...keys: PropertyKey[]) => Pick<Problem, 'file' | 'line' | 'column' | 'path'>;

/** The plan of scheduled checks, with everything in the rules that cannot be checked so. */
export function checkPlan(rules: Rules, place: PlaceInFile): { plan: Plan; problems: Problem[] } {
  const { check, sources } = rules;
  const judged = rules.criteria.filter(({ modes }) => modes.includes('check'));
  const shortest = Math.min(minute, ...judged.flatMap((one) => (one.for === undefined ? [] : [one.for])));
  const intervalMs = check.interval ?? shortest;
  const plan: Plan = {
    watchMs: check.for,
    intervalMs,
    warmUpMs: rules['warm-up'],
    leastData: Number.parseInt(check.data, 10) / 100,
    criteria: judged.map((one) => resolveCriterion(one, intervalMs)),
  };
  return {
    plan,
    problems: [
      ...nothingDecides(judged, 'check', place),
      ...judged.flatMap((one) =>
        doubt(one, sources, intervalMs, {
          source: place('criteria', rules.criteria.indexOf(one), 'source'),
          interval: place('check', 'interval'),
        }),
      ),
    ],
  };
}

type At = ReturnType<PlaceInFile>;

function doubt(
  one: CriterionFields,
  sources: Rules['sources'],
  intervalMs: number,
  at: { source: At; interval: At },
): Problem[] {
  const source = sources[one.source]!;
  const every = 'every' in source ? source.every : 0;
  const { overMs } = resolveCriterion(one, intervalMs);
  const noPast = noPastOf(source);
  const tooLong = (allowed: string, fix: string): Problem => ({
    ...at.interval,
    got: formatDuration(intervalMs),
    allowed,
    fix,
  });
  return [
    ...(noPast === undefined
      ? []
      : [
          {
            ...at.source,
            got: `${one.source}, which mode check cannot use: ${noPast}`,
            allowed: 'a source that answers for the past: prometheus, or json that names from and to',
            fix: `add "modes: [watch]" to the criterion ${one.name}, and one for "modes: [check]" with a source that knows the past`,
          },
        ]),
    ...(intervalMs > overMs
      ? [
          tooLong(
            `at most ${formatDuration(overMs)}, the time over which ${one.name} is judged`,
            `set "interval: ${formatDuration(overMs)}" under check`,
          ),
        ]
      : []),
    ...(intervalMs < every
      ? [
          tooLong(
            `at least ${formatDuration(every)}, "every" of ${one.source}`,
            `set "interval: ${formatDuration(every)}" under check`,
          ),
        ]
      : []),
  ];
}

/** Rules under which a mode could decide nothing. */
export function nothingDecides(
  judged: readonly CriterionFields[],
  mode: 'watch' | 'check',
  place: PlaceInFile,
): Problem[] {
  if (judged.some(({ observe }) => !observe)) return [];
  return [
    {
      ...place('criteria'),
      got: `no criterion that decides in mode ${mode}`,
      allowed: `at least one criterion without observe whose modes have ${mode}`,
      fix: `add a criterion, or ${mode} to the modes of one`,
    },
  ];
}
