import * as z from 'zod';
import { alwaysOrNever, conditionForm, conditionPattern, parseCondition } from './condition.js';
import { sourceSchema, type SourceConfig } from './registry.js';
import { hasSomeOf, withJsonForm } from '../schema/json-form.js';
import { parseConfig } from '../config/parse.js';
import { ConfigurationError } from '../config/problem.js';
import { suggest } from '../text/suggest.js';
import {
  onInconclusiveSchema,
  planSchema,
  type Criterion,
  type OnInconclusive,
  type Plan,
} from '../contracts/analysis-report.js';
import { nameSchema } from '../contracts/formats.js';
import { duration } from '../config/fields.js';
import { formatDuration } from '../time/duration.js';

const condition = () =>
  z
    .string()
    .regex(conditionPattern, conditionForm)
    .transform((text) => parseCondition(text)!)
    .superRefine((parsed, ctx) => {
      const always = alwaysOrNever(parsed);
      if (always !== undefined) ctx.addIssue({ code: 'custom', message: always });
    });

const criterion = z
  .strictObject({
    name: nameSchema.describe('Name in reports and incidents.'),
    source: z.string().describe('One of the sources of this environment.'),
    'fail-when': condition()
      .optional()
      .describe('Takes the release back when it held for the whole of "for".'),
    'success-when': condition()
      .optional()
      .describe('With fail-when: neither is inconclusive. Alone: its opposite fails.'),
    for: duration().optional().describe('How long it must last; one interval when not given.'),
    over: duration()
      .optional()
      .describe('Length of the parts of "for" that must each be bad; the whole of it when not given.'),
    confidence: z
      .enum(['90 %', '95 %', '99 %'])
      .default('99 %')
      .describe('How sure it must be, from the requests seen, that the rate is bad.'),
    'min-requests': z.int().min(1).describe('Requests within "for" below which nothing is judged.'),
    'no-data': z
      .enum(['inconclusive', 'fail', 'pass'])
      .default('inconclusive')
      .describe('What too few requests mean.'),
    'max-failures': z.int().min(0).default(0).describe('Failed measurements tolerated.'),
    'max-inconclusive': z
      .int()
      .min(0)
      .optional()
      .describe('Inconclusive measurements tolerated; all of them when not given.'),
    'max-consecutive-errors': z.int().min(0).default(4).describe('Unanswered looks in a row tolerated.'),
  })
  .meta(hasSomeOf(['fail-when', 'success-when']));

/** Shortest interval and longest watch, in milliseconds. */
const shortestInterval = 100;
const sixHours = 21_600_000;

const environment = z
  .strictObject({
    watch: duration().describe('How long a release is watched.'),
    interval: duration().prefault('5s').describe('Between two looks.'),
    'warm-up': duration().prefault('0s').describe('Time at the beginning that is not judged.'),
    'on-inconclusive': onInconclusiveSchema
      .default('page')
      .describe(
        'A watch without a verdict (too little seen, cancelled, broken off). page: a person is told. hold: the same, and the incident has the severity of a rollback. take-back: the release is rolled back.',
      ),
    sources: z
      .record(nameSchema, sourceSchema)
      .refine(
        withJsonForm(
          (sources: object) => Object.keys(sources).length > 0,
          () => [{ minProperties: 1 }],
        ),
        'at least one source',
      )
      .describe('Where the numbers come from, by name.'),
    criteria: z.array(criterion).min(1).describe('What is judged at each look.'),
  })
  .superRefine((rules, ctx) => {
    const refuse = (path: PropertyKey[], message: string) =>
      void ctx.addIssue({ code: 'custom', path, message });
    if (rules.interval < shortestInterval) refuse(['interval'], 'at least 100ms');
    if (rules.watch > sixHours) refuse(['watch'], 'at most 6h, the longest a job may run');
    for (const [index, one] of rules.criteria.entries()) {
      const { failWhen, successWhen, forMs, overMs } = resolve(one, rules.interval);
      const at = (...keys: string[]) => ['criteria', index, ...keys];
      if (!failWhen && !successWhen) refuse(at('fail-when'), 'fail-when, success-when or both');
      if (!Object.hasOwn(rules.sources, one.source)) {
        refuse(at('source'), `one of the sources: ${Object.keys(rules.sources).join(', ')}`);
      }
      if (rules.criteria.findIndex(({ name }) => name === one.name) !== index) {
        refuse(at('name'), 'a name that no other criterion has');
      }
      if (forMs < rules.interval)
        refuse(at('for'), `at least the interval, ${formatDuration(rules.interval)}`);
      else if (overMs < rules.interval || overMs > forMs) {
        refuse(
          at('over'),
          `from the interval (${formatDuration(rules.interval)}) to "for" (${formatDuration(forMs)})`,
        );
      }
      if (rules.watch < rules['warm-up'] + forMs) {
        refuse(
          ['watch'],
          `at least ${formatDuration(rules['warm-up'] + forMs)}: the warm-up and the "for" of ${one.name}, which could never fail otherwise`,
        );
      }
    }
  });

/** The criteria file: for each environment what is watched, for how long, and what takes a release back. */
export const criteriaFileSchema = z.strictObject({
  version: z.literal(1).describe('Format of this file.'),
  environments: z.record(nameSchema, environment).describe('What is watched, by environment.'),
});

const confidences = { '90 %': 0.9, '95 %': 0.95, '99 %': 0.99 } as const;

function resolve(one: z.output<typeof criterion>, intervalMs: number): Criterion {
  const forMs = one.for ?? intervalMs;
  return {
    name: one.name,
    source: one.source,
    ...(one['fail-when'] ? { failWhen: one['fail-when'] } : {}),
    ...(one['success-when'] ? { successWhen: one['success-when'] } : {}),
    forMs,
    overMs: one.over ?? forMs,
    confidence: confidences[one.confidence],
    minRequests: one['min-requests'],
    noData: one['no-data'],
    maxFailures: one['max-failures'],
    ...(one['max-inconclusive'] !== undefined ? { maxInconclusive: one['max-inconclusive'] } : {}),
    maxConsecutiveErrors: one['max-consecutive-errors'],
  };
}

/**
 * What to watch in an environment. Throws ConfigurationError with every problem of the file, or with the environments
 * it knows.
 */
export function readPlan(
  text: string,
  file: string,
  wanted: string,
): { plan: Plan; sources: Readonly<Record<string, SourceConfig>>; onInconclusive: OnInconclusive } {
  const parsed = parseConfig(text, file, criteriaFileSchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  const { environments } = parsed.value;
  const known = Object.keys(environments);
  if (!Object.hasOwn(environments, wanted)) {
    const didYouMean = suggest(wanted, known);
    throw new ConfigurationError([
      {
        file,
        ...parsed.placeOf(['environments']),
        path: 'environments',
        got: `no environment "${wanted}"`,
        allowed: known.join(', ') || 'at least one environment',
        fix: `add "${wanted}:" under environments, or correct the input "environment"`,
        ...(didYouMean ? { didYouMean } : {}),
      },
    ]);
  }
  const rules = environments[wanted]!;
  const plan = planSchema.parse({
    watchMs: rules.watch,
    intervalMs: rules.interval,
    warmUpMs: rules['warm-up'],
    criteria: rules.criteria.map((one) => resolve(one, rules.interval)),
  } satisfies Plan);
  const used = new Set(plan.criteria.map(({ source }) => source));
  return {
    plan,
    onInconclusive: rules['on-inconclusive'],
    sources: Object.fromEntries(Object.entries(rules.sources).filter(([name]) => used.has(name))),
  };
}
