import * as z from 'zod';
import { withJsonForm } from '../../shared/schema/json-form.js';
import { parseConfig } from '../../shared/config/parse.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { suggest } from '../../shared/text/suggest.js';
import { nameSchema } from '../../shared/contracts/formats.js';
import { duration } from '../../shared/config/fields.js';
import type { GateRequest } from '../../shared/contracts/reports/gate-report.js';
import type { EvidenceNeed } from './evidence/registry.js';
import { hotfixKinds, type AnyGate } from './gate/gate.js';
import { overrideRuleSchema, type OverrideRule } from './gate/overrides.js';
import { gates } from './gates/registry.js';

const gatesSchema = z
  .strictObject(Object.fromEntries(gates.map((gate) => [gate.name, gate.schema.optional()])))
  .refine(
    withJsonForm(
      (configured: object) => Object.values(configured).some((config) => config !== undefined),
      () => [{ minProperties: 1 }],
    ),
    {
      message: 'at least one gate: an environment without gates would let everything through',
      params: { fix: 'add a gate, such as branch: [main]' },
      when: ({ issues }) => issues.length === 0,
    },
  );

const validFor = duration()
  .prefault('30m')
  .refine((ms) => ms >= 60_000 && ms <= 86_400_000, {
    message: 'from 1m to 24h',
    params: { fix: 'write for example valid-for: 30m' },
  });

/** A policy file: the gates of each environment. */
export const policySchema = z.strictObject({
  version: z.literal(1).describe('Format of this file.'),
  environments: z
    .record(
      nameSchema,
      z.strictObject({
        'valid-for': validFor.describe('How long a verdict lasts.'),
        gates: gatesSchema.describe('What must hold before a release goes to this environment.'),
        overrides: z
          .array(overrideRuleSchema(gates.filter(({ byPeople }) => byPeople).map(({ name }) => name)))
          .min(1)
          .refine((rules) => new Set(rules.map(({ gate }) => gate)).size === rules.length, {
            message: 'each gate once: of two rules it would not be clear which one counts',
            params: { fix: 'keep one entry for each gate' },
          })
          .optional()
          .describe('Gates that people may let through by a comment; by default none.'),
      }),
    )
    .describe('The environments that releases may go to, as GitHub names them.'),
});

/** The gates of one environment with their configuration, in the order of the registry. */
export interface EnvironmentPolicy {
  /** Milliseconds. */
  validFor: number;
  gates: readonly { gate: AnyGate; config: unknown }[];
  overrides: readonly OverrideRule[];
}

/** What has to be looked up to judge by a policy. */
export function needsOf({ gates, overrides }: EnvironmentPolicy, request: GateRequest): EvidenceNeed[] {
  const own = gates.flatMap(({ gate, config }) => gate.needs(config, request));
  if (overrides.length === 0) return own;
  const kinds = ['overrides', ...hotfixKinds] as const;
  return [...own, ...kinds.map((kind) => ({ kind, detail: true }))];
}

/**
 * Parses a policy and takes out one environment; a wrong file or an environment that is not listed is a
 * ConfigurationError.
 */
export function readPolicy(text: string, file: string, environment: string): EnvironmentPolicy {
  const parsed = parseConfig(text, file, policySchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  const { environments } = parsed.value;
  const names = Object.keys(environments);
  const policy = Object.hasOwn(environments, environment) ? environments[environment] : undefined;
  if (!policy) {
    const didYouMean = suggest(environment, names);
    throw new ConfigurationError([
      {
        file,
        ...parsed.placeOf(['environments']),
        path: 'environments',
        got: `no environment "${environment}"`,
        allowed: names.join(', ') || 'no environment is listed',
        fix: `set the input "environment" to one of these, or add "${environment}:" with its gates to ${file}`,
        ...(didYouMean ? { didYouMean } : {}),
      },
    ]);
  }
  const configured = policy.gates as Record<string, unknown>;
  return {
    validFor: policy['valid-for'],
    overrides: policy.overrides ?? [],
    gates: gates
      .filter(({ name }) => configured[name] !== undefined)
      .map((gate) => ({ gate, config: configured[gate.name] })),
  };
}
