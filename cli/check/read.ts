import * as z from 'zod';
import { policySchema } from '../../actions/gate-check/policy.js';
import { incidentsSchema } from '../../actions/incident/config/schema.js';
import { migrationsSchema } from '../../actions/migration-check/config/schema.js';
import { waiversSchema } from '../../actions/scan-report/waivers.js';
import { criteriaFileSchema } from '../../shared/analysis/criteria/criteria-file.js';
import type { Place } from '../../shared/config/lines.js';
import { parseConfig } from '../../shared/config/parse.js';
import type { Problem } from '../../shared/config/problem.js';
import { brokenFacts } from '../../shared/traffic/colour/identity.js';
import { trafficSchema } from '../../shared/traffic/config/schema.js';
import { goLiveFileSchema } from '../steps/go-live/plan-file.js';
import type { Found } from './files.js';

export type PolicyFile = z.output<typeof policySchema>;
export type IncidentsFile = z.output<typeof incidentsSchema>;
export type GoLiveFile = z.output<typeof goLiveFileSchema>;

/** A ruleset as GitHub imports it, as far as it matters here. */
const rulesetSchema = z.looseObject({
  target: z.string(),
  enforcement: z.string().optional(),
  rules: z.array(
    z.looseObject({
      type: z.string(),
      parameters: z
        .looseObject({
          required_status_checks: z
            .array(z.looseObject({ context: z.string(), integration_id: z.int().optional() }))
            .optional(),
        })
        .optional(),
    }),
  ),
});
export type RulesetFile = z.output<typeof rulesetSchema>;

export type CriteriaFile = z.output<typeof criteriaFileSchema>;

/** A file that fits its schema, and where everything stands in it. */
export interface Valid<T> {
  path: string;
  value: T;
  placeOf(path: readonly PropertyKey[]): Place | undefined;
}

type Read<T> = { ok: true; file: Valid<T> } | { ok: false; problems: Problem[] };

const readAs =
  <S extends z.ZodType>(schema: S) =>
  ({ path, text }: Pick<Found, 'path' | 'text'>): Read<z.output<S>> => {
    const parsed = parseConfig(text, path, schema);
    return parsed.ok ? { ok: true, file: { ...parsed, path } } : parsed;
  };

export const readPolicy = readAs(policySchema);
export const readCriteria = readAs(criteriaFileSchema);
export const readIncidents = readAs(incidentsSchema);
export const readGoLive = readAs(goLiveFileSchema);
export const readMigrations = readAs(migrationsSchema);
export const readWaivers = readAs(waiversSchema);
export const readRuleset = readAs(rulesetSchema);

/** Problems of a traffic file, those of its JSONPaths too, which the switch finds before it begins. */
export async function trafficProblems(found: Found): Promise<Problem[]> {
  const read = readAs(trafficSchema)(found);
  if (!read.ok) return read.problems;
  const { file } = read;
  return (await brokenFacts(file.value.identity)).map(({ path, got, why }) => ({
    file: file.path,
    ...file.placeOf(path),
    path: path.join('.'),
    got,
    allowed: 'a JSONPath (RFC 9535) that finds one value, such as $.version',
    fix: `correct it: ${why}`,
  }));
}
