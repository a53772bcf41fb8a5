import * as z from 'zod';
import { duration } from '../../config/fields.js';
import { nameSchema } from '../../contracts/formats.js';
import { onInconclusiveSchema } from '../../contracts/reports/analysis-report.js';
import { withJsonForm } from '../../schema/json-form.js';
import { formatDuration } from '../../time/duration.js';
import { checkFields } from './check-plan.js';
import { containFields, containProblems } from './contain-rule.js';
import { linksField } from './evidence-links.js';
import { criterionFields, misfits, resolveCriterion, withPreset } from '../criterion.js';
import { givesOf, sourceSchema } from '../registry.js';

/** Shortest interval and longest watch, in milliseconds. */
const shortestInterval = 100;
const sixHours = 21_600_000;

/** What is watched in one environment. */
export const environmentRules = z
  .strictObject({
    watch: duration().describe('How long a release is watched.'),
    interval: duration().prefault('5s').describe('Between two looks.'),
    'warm-up': duration().prefault('0s').describe('Time at the beginning that is not judged.'),
    'on-inconclusive': onInconclusiveSchema
      .default('page')
      .describe(
        'A watch without a verdict (too little seen, cancelled, broken off). page: a person is told. hold: the same, and the incident has the severity of a rollback. take-back: the release is rolled back.',
      ),
    settle: duration()
      .refine((ms) => ms >= 1_000 && ms <= 1_800_000, 'from 1s to 30m')
      .optional()
      .describe(
        'After a rollback the restored release is judged by its own samples, from so long after it: longer than the range of every query. Not judged when not given.',
      ),
    check: checkFields(),
    contain: containFields(),
    links: linksField(),
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
    criteria: z.array(criterionFields).min(1).describe('What is judged at each look.'),
  })
  .superRefine((rules, ctx) => {
    const refuse = (path: PropertyKey[], message: string) =>
      void ctx.addIssue({ code: 'custom', path, message });
    if (rules.interval < shortestInterval) refuse(['interval'], 'at least 100ms');
    if (rules.watch > sixHours) refuse(['watch'], 'at most 6h, the longest a job may run');
    if (rules.criteria.length > 0 && rules.criteria.every(({ observe }) => observe))
      refuse(['criteria'], 'at least one criterion without observe: these decide nothing');
    for (const { key, allowed } of rules.contain ? containProblems(rules.contain, rules.sources) : [])
      refuse(['contain', key], allowed);
    const names = rules.criteria.map((written) => withPreset(written).name);
    for (const [index, written] of rules.criteria.entries()) {
      const one = withPreset(written);
      const { failWhen, successWhen, forMs, overMs } = resolveCriterion(one, rules.interval);
      const at = (...keys: string[]) => ['criteria', index, ...keys];
      if (one.name === '') refuse(at('name'), 'a name, or a preset');
      if (!failWhen && !successWhen) refuse(at('fail-when'), 'fail-when, success-when or both');
      if (!Object.hasOwn(rules.sources, one.source)) {
        refuse(at('source'), `one of the sources: ${Object.keys(rules.sources).join(', ')}`);
      } else {
        const gives = givesOf(rules.sources[one.source]!);
        for (const { key, allowed } of misfits(one, gives)) refuse(at(key), allowed);
      }
      if (names.indexOf(one.name) !== index) {
        refuse(at('name'), 'a name that no other criterion has');
      }
      if (!one.modes.includes('watch')) continue;
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

export type EnvironmentRules = z.output<typeof environmentRules>;
