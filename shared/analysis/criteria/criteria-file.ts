import * as z from 'zod';
import { planSchema, type OnInconclusive, type Plan } from '../../contracts/reports/analysis-report.js';
import { nameSchema } from '../../contracts/formats.js';
import { parseConfig } from '../../config/parse.js';
import { ConfigurationError, type Problem } from '../../config/problem.js';
import { suggest } from '../../text/suggest.js';
import { resolveContain } from './contain-rule.js';
import { checkPlan, nothingDecides, type PlaceInFile } from './check-plan.js';
import { resolveCriterion, withPreset, type CriterionFields } from '../criterion.js';
import { environmentRules, type EnvironmentRules } from './environment-rules.js';
import type { SourceConfig } from '../registry.js';

/** The criteria file: for each environment what is watched, for how long, and what takes a release back. */
export const criteriaFileSchema = z.strictObject({
  version: z.literal(1).describe('Format of this file.'),
  environments: z.record(nameSchema, environmentRules).describe('What is watched, by environment.'),
});

/** What is judged in an environment, and what becomes of a release without a verdict. */
export interface Rules {
  plan: Plan;
  sources: Readonly<Record<string, SourceConfig>>;
  onInconclusive: OnInconclusive;
  /** From when on a restored release is judged by its own samples (ms after the rollback); undefined: it is not. */
  settleMs?: number;
}

/**
 * What to watch in an environment, or to check on a schedule. Throws ConfigurationError with every problem of the file,
 * or with the environments it knows.
 */
export function readPlan(
  text: string,
  file: string,
  wanted: string,
  mode: 'watch' | 'check' = 'watch',
): Rules {
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
  const written = environments[wanted]!;
  const rules = { ...written, criteria: written.criteria.map(withPreset) };
  const place: PlaceInFile = (...keys) => {
    const path = ['environments', wanted, ...keys];
    return { file, ...parsed.placeOf(path), path: path.join('.') };
  };
  const { plan, problems } = mode === 'check' ? checkPlan(rules, place) : watchPlan(rules, place);
  if (problems.length > 0) throw new ConfigurationError(problems);
  if (rules.contain) plan.contain = resolveContain(rules.contain);
  if (rules.links) plan.links = rules.links;
  const used = new Set(plan.criteria.map(({ source }) => source));
  return {
    plan: planSchema.parse(plan),
    onInconclusive: rules['on-inconclusive'],
    ...(rules.settle === undefined ? {} : { settleMs: rules.settle }),
    sources: Object.fromEntries(Object.entries(rules.sources).filter(([name]) => used.has(name))),
  };
}

/** The rules with what the presets say. */
type PresetRules = Omit<EnvironmentRules, 'criteria'> & { criteria: readonly CriterionFields[] };

function watchPlan(rules: PresetRules, place: PlaceInFile): { plan: Plan; problems: Problem[] } {
  const judged = rules.criteria.filter(({ modes }) => modes.includes('watch'));
  const plan: Plan = {
    watchMs: rules.watch,
    intervalMs: rules.interval,
    warmUpMs: rules['warm-up'],
    criteria: judged.map((one) => resolveCriterion(one, rules.interval)),
  };
  return { plan, problems: nothingDecides(judged, 'watch', place) };
}
