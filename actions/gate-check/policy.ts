import * as z from 'zod';
import { withJsonForm } from '../../shared/schema/json-form.js';
import { parseConfig } from '../../shared/config/parse.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { suggest } from '../../shared/text/suggest.js';
import { nameSchema } from '../../shared/contracts/formats.js';
import { duration } from '../../shared/config/fields.js';
import type { BasePolicy, GateRequest } from '../../shared/contracts/reports/gate-report.js';
import { extendsSchema, type Extends } from './base-policy.js';
import type { EvidenceNeed } from './evidence/registry.js';
import { sameName } from '../../shared/ledger/names.js';
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

/** The policy of one environment. */
const environmentSchema = z.strictObject({
  'valid-for': validFor.describe('How long a verdict lasts.'),
  gates: gatesSchema.describe('What must hold before a release goes to this environment.'),
  'first-release': z
    .array(nameSchema)
    .optional()
    .describe(
      'Services that were never released here. With this key, an empty list too, no other service may look like a new one.',
    ),
  overrides: z
    .array(overrideRuleSchema(gates.filter(({ byPeople }) => byPeople).map(({ name }) => name)))
    .min(1)
    .refine((rules) => new Set(rules.map(({ gate }) => gate)).size === rules.length, {
      message: 'each gate once: of two rules it would not be clear which one counts',
      params: { fix: 'keep one entry for each gate' },
    })
    .optional()
    .describe('Gates that people may let through by a comment; by default none.'),
});

type Environment = z.output<typeof environmentSchema>;

/** A policy file: the gates of each environment. */
export const policySchema = z.strictObject({
  version: z.literal(1).describe('Format of this file.'),
  extends: extendsSchema.optional(),
  environments: z
    .record(nameSchema, environmentSchema)
    .describe('The environments that releases may go to, as GitHub names them.'),
});

/** The gates of one environment with their configuration, in the order of the registry. */
export interface EnvironmentPolicy {
  /** Milliseconds. */
  validFor: number;
  gates: readonly { gate: AnyGate; config: unknown }[];
  overrides: readonly OverrideRule[];
  /** Services that were never released there; undefined where the policy does not say. */
  firstRelease: readonly string[] | undefined;
  /** Gates of the base policy that are left out, or set otherwise. */
  replaced: readonly { gate: string; reason: string }[];
}

/** What has to be looked up to judge by a policy. */
export function needsOf({ gates, overrides }: EnvironmentPolicy, request: GateRequest): EvidenceNeed[] {
  const own = gates.flatMap(({ gate, config }) => gate.needs(config, request));
  if (overrides.length === 0) return own;
  const kinds = ['overrides', ...hotfixKinds] as const;
  return [...own, ...kinds.map((kind) => ({ kind, detail: true }))];
}

/** The policy that a policy extends; what is wrong with the file is found by `readPolicy`. */
export function extendedBy(text: string, file: string): Extends | undefined {
  const parsed = parseConfig(text, file, policySchema);
  return parsed.ok ? parsed.value.extends : undefined;
}

/**
 * Parses a policy and takes out one environment, joined with that of the policy it extends; a wrong file or an
 * environment that is not listed is a ConfigurationError.
 */
export function readPolicy(
  text: string,
  file: string,
  environment: string,
  base?: Pick<BasePolicy, 'repository' | 'path' | 'text'>,
): EnvironmentPolicy {
  const own = parse(text, file);
  const { extends: extending, environments } = own.value;
  if ((extending === undefined) !== (base === undefined))
    throw new Error(base ? 'a base policy that nothing extends' : 'the base policy was not read');
  const under = base && parse(base.text, `${base.repository}/${base.path}`);
  const refuse = (path: readonly string[], { got, allowed, fix, didYouMean }: Refusal): never => {
    const more = didYouMean ? { didYouMean } : {};
    throw new ConfigurationError([
      { file, ...own.placeOf(path), path: path.join('.'), got, allowed, fix, ...more },
    ]);
  };
  if (under?.value.extends)
    return refuse(['extends'], {
      got: 'a base policy that extends another',
      allowed: 'one policy under this one, so that it can be read what holds',
      fix: 'join the two in the repository of the base policy',
    });
  const upper = ownOf(environments, environment);
  const lower = under && ownOf(under.value.environments, environment);
  if (!upper && !lower) {
    const names = [
      ...new Set([...Object.keys(environments), ...Object.keys(under?.value.environments ?? {})]),
    ];
    return refuse(['environments'], {
      got: `no environment "${environment}"`,
      allowed: names.join(', ') || 'no environment is listed',
      fix: `set the input "environment" to one of these, or add "${environment}:" with its gates to ${file}`,
      didYouMean: suggest(environment, names),
    });
  }
  const replaced = (extending?.replaces ?? []).filter((one) => one.environment === environment);
  const joined = join(
    upper,
    lower,
    replaced.map(({ gate }) => gate),
  );
  if ('refused' in joined)
    return refuse(
      joined.at === 'extends' ? ['extends', 'replaces'] : ['environments', environment, joined.at],
      joined.refused,
    );
  return {
    validFor: joined.validFor,
    overrides: joined.overrides,
    firstRelease: joined.firstRelease,
    replaced: replaced.map(({ gate, reason }) => ({ gate, reason })),
    gates: gates
      .filter(({ name }) => joined.gates[name] !== undefined)
      .map((gate) => ({ gate, config: joined.gates[gate.name] })),
  };
}

interface Refusal {
  got: string;
  allowed: string;
  fix: string;
  didYouMean?: string | undefined;
}

function parse(text: string, file: string) {
  const parsed = parseConfig(text, file, policySchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  return parsed;
}

const ownOf = (environments: Record<string, Environment>, name: string): Environment | undefined =>
  Object.hasOwn(environments, name) ? environments[name] : undefined;

type Joined =
  | {
      validFor: number;
      gates: Record<string, unknown>;
      overrides: readonly OverrideRule[];
      firstRelease: readonly string[] | undefined;
    }
  | { at: 'extends' | 'gates' | 'overrides' | 'first-release'; refused: Refusal };

/** All gates of both; one of the base policy is changed only where the policy says so with its reason. */
function join(
  upper: Environment | undefined,
  lower: Environment | undefined,
  replaced: readonly string[],
): Joined {
  const own = gatesOf(upper);
  const base = gatesOf(lower);
  const first = lower?.['first-release'];
  const set = [...Object.keys(base), ...(first ? ['first-release'] : [])];
  const unknown = replaced.find((name) => !set.includes(name));
  if (unknown !== undefined)
    return {
      at: 'extends',
      refused: {
        got: `"${unknown}", which the base policy does not set for this environment`,
        allowed: set.join(', ') || 'no gate: the base policy does not list this environment',
        fix: 'take the entry out',
        didYouMean: suggest(unknown, set),
      },
    };
  const kept = Object.fromEntries(Object.entries(base).filter(([gate]) => !replaced.includes(gate)));
  const twice = Object.keys(own).find((gate) => kept[gate] !== undefined);
  if (twice !== undefined)
    return {
      at: 'gates',
      refused: {
        got: `"${twice}", which the base policy sets too`,
        allowed: 'gates that the base policy does not set, or replaces with a reason',
        fix: `take it out, or under extends.replaces add { environment: …, gate: ${twice}, reason: … }`,
      },
    };
  const loose = (upper?.overrides ?? []).find(({ gate }) => kept[gate] !== undefined);
  if (loose)
    return {
      at: 'overrides',
      refused: {
        got: `an override of "${loose.gate}", which the base policy sets`,
        allowed:
          'overrides of gates of this file: who may let a gate of the base policy through, it says itself',
        fix: 'take it out, or replace the gate with its reason',
      },
    };
  const keptFirst = replaced.includes('first-release') ? undefined : first;
  const newer = upper?.['first-release']?.find(
    (name) => keptFirst?.some((one) => sameName(one, name)) === false,
  );
  if (newer !== undefined)
    return {
      at: 'first-release',
      refused: {
        got: `"${newer}", which the base policy does not say to be new`,
        allowed: keptFirst?.join(', ') || 'no service: the base policy says that none is new',
        fix: 'take it out, or under extends.replaces add { environment: …, gate: first-release, reason: … }',
      },
    };
  const joined = { ...kept, ...own };
  if (Object.keys(joined).length === 0)
    return {
      at: 'extends',
      refused: {
        got: 'every gate of the base policy left out',
        allowed: 'at least one gate: an environment without gates would let everything through',
        fix: 'keep one, or set one here',
      },
    };
  return {
    validFor: Math.min(...[upper, lower].flatMap((one) => one?.['valid-for'] ?? [])),
    gates: joined,
    firstRelease: upper?.['first-release'] ?? keptFirst,
    overrides: [
      ...(upper?.overrides ?? []),
      ...(lower?.overrides ?? []).filter(({ gate }) => kept[gate] !== undefined),
    ],
  };
}

const gatesOf = (environment: Environment | undefined): Record<string, unknown> =>
  Object.fromEntries(Object.entries(environment?.gates ?? {}).filter(([, config]) => config !== undefined));
