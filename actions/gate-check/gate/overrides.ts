import * as z from 'zod';
import { severitySchema } from '../../../shared/contracts/severity.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import { sameName } from '../../../shared/ledger/names.js';
import { dayMs } from '../../../shared/time/zone.js';
import type { Changes } from '../evidence/code/changes.js';
import { mayBring } from '../evidence/code/pulls.js';
import type { Override } from '../evidence/overrides.js';
import type { GateEvidence } from '../evidence/registry.js';
import { describeUnknown, readProof, type GateResult } from './gate.js';
import { refusesHotfix } from './hotfix-proof.js';

/** How long an override lasts after it was written. */
const lastsMs = dayMs;

/** Who may let a gate through. */
export const overrideRuleSchema = (gates: readonly string[]) =>
  z.strictObject({
    gate: z.enum(gates as [string, ...string[]]).describe('The gate that may be let through.'),
    role: z.enum(['maintain', 'admin']).default('admin').describe('Least role of who does so.'),
    severity: severitySchema
      .optional()
      .describe('Only for a proven hotfix of this severity or above; by default for any release.'),
  });

export type OverrideRule = z.output<ReturnType<typeof overrideRuleSchema>>;

const ranks: readonly string[] = ['maintain', 'admin'];

/**
 * Lets through what a person overrode, where the policy lets people do so. What the gate does not allow anybody to let
 * through stays as it is.
 */
export function override(
  gate: string,
  result: GateResult,
  rules: readonly OverrideRule[],
  { request, evidence }: { request: GateRequest; evidence: GateEvidence },
  now: number,
): GateResult {
  const rule = rules.find((one) => one.gate === gate);
  if (!rule || result.is === 'pass') return result;
  const despite = result.byPerson ?? result.despite;
  if (despite === undefined) return result;
  const { changes, overrides } = evidence;
  const unread = (['changes', 'overrides'] as const).find((kind) => evidence[kind]?.is !== 'known');
  if (unread || changes?.is !== 'known' || overrides?.is !== 'known') {
    const kind = unread ?? 'overrides';
    const piece = evidence[kind];
    const why = describeUnknown(kind, piece?.is === 'unknown' ? piece : undefined);
    return { ...result, reason: `${result.reason}. No override counts: ${why}` };
  }
  const asked = overrides.value.filter(
    (one) => one.gate === gate && sameName(one.environment, request.environment),
  );
  const judged = asked.map((one) => ({
    one,
    doubt: doubtOf(one, rule, request, changes.value, now) ?? doubtSeverity(rule, request, evidence),
  }));
  const notes = [
    ...(result.notes ?? []),
    ...judged.flatMap(({ one, doubt }) =>
      doubt === undefined ? [] : [`not counted: the override of ${gate} by ${one.by.login}: ${doubt}`],
    ),
  ];
  const good = judged.find(({ doubt }) => doubt === undefined)?.one;
  if (!good) {
    const how = `It can be overridden: somebody with the role ${rule.role}, who wrote none of it and did not start this run, comments on its pull request: /override ${gate} for ${request.environment} at ${request.sha}: <reason>`;
    return { ...result, reason: `${result.reason}. ${how}`, notes };
  }
  return {
    is: 'pass',
    reason: `overridden by ${good.by.login} (${good.role}): ${good.reason}. Despite: ${result.reason}`,
    closesAt: good.at + lastsMs,
    waived: { reason: `overridden (${good.reason}) despite ${despite}`, by: good.by.login },
    ...(result.terms ? { terms: result.terms } : {}),
    notes,
    evidence: [...(result.evidence ?? []), { text: `override by ${good.by.login}`, url: good.url }],
  };
}

function doubtOf(
  { by, at, edited, sha, role }: Override,
  rule: OverrideRule,
  request: GateRequest,
  changes: Changes,
  now: number,
): string | undefined {
  if (sha !== request.sha) return `it is for ${sha.slice(0, 12)}`;
  if (edited) return 'the comment was edited: write a new one';
  if (by.bot) return 'who is no person';
  if (now >= at + lastsMs) return 'it is older than a day';
  if (sameLogin(by.login, request.actor)) return 'who started this run';
  const nameless = changes.commits.find(({ author }) => author === null);
  if (nameless)
    return `who wrote commit ${nameless.sha.slice(0, 12)} is not known to GitHub, so it may be the same person`;
  const pulls = changes.pulls.filter((pull) => mayBring(pull, request.sha));
  const unread = pulls.find((pull) => pull.unread !== undefined);
  if (unread) return `who wrote #${unread.number} is not known, which has ${unread.unread}`;
  if (writersOf({ ...changes, pulls }).some((login) => sameLogin(login, by.login)))
    return 'who wrote part of the release';
  if (role === null) return 'whose role could not be read';
  return ranks.indexOf(role) >= ranks.indexOf(rule.role)
    ? undefined
    : `whose role is ${role}, and the policy asks for ${rule.role}`;
}

function doubtSeverity(
  { severity }: OverrideRule,
  request: GateRequest,
  evidence: GateEvidence,
): string | undefined {
  return severity === undefined ? undefined : refusesHotfix(severity, readProof(request, evidence));
}

const sameLogin = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const writersOf = ({ commits, pulls }: Pick<Changes, 'commits' | 'pulls'>): string[] => [
  ...commits.flatMap(({ author }) => author ?? []),
  ...pulls.flatMap(({ author, contributors }) => [author.login, ...contributors]),
];
