import * as z from 'zod';
import { asOneOf } from '../../../shared/schema/json-form.js';
import type { GitHub } from '../../../shared/github/client.js';
import type { QueryPart } from '../../../shared/github/repository-query.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { ReleaseRuns } from '../../../shared/ledger/proof/trust.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import type { NumberPorts } from '../../../shared/analysis/sources/one-number.js';

/** A piece of evidence: known, or unknown with the reason and, where that is the cause, the missing permission. */
export type Piece<T> =
  | { is: 'known'; value: T }
  | {
      is: 'unknown';
      reason: string;
      permission?: string | undefined;
      /** On a laptop the variable of the token that lacks it. */
      tokenFrom?: string | undefined;
    };

/** A number without fraction. Published without the bounds of safe integers, which would be a tenth of the schema. */
export const whole = z.number().multipleOf(1);

/** One for all kinds, so that the published schema has it once. */
const unknownSchema = z.strictObject({
  is: z.literal('unknown'),
  reason: z.string(),
  permission: z.string().optional(),
  /** On a laptop the variable of the token that lacks it. */
  tokenFrom: z.string().optional(),
});

export function pieceSchema<S extends z.ZodType>(value: S) {
  return z
    .discriminatedUnion('is', [z.strictObject({ is: z.literal('known'), value }), unknownSchema])
    .meta({ [asOneOf]: true });
}

/** What is asked, of whom, and whose word counts. */
export interface Asking {
  github: GitHub;
  /** On a laptop the variable that the token came from. */
  tokenFrom: string | undefined;
  request: GateRequest;
  /** Epoch milliseconds. */
  now: number;
  /** Identities whose Deployments and incidents count. */
  writers: readonly string[];
  /** The branch or tag of the run that asks: a hint, since who starts a run chooses it. */
  branch: string;
  defaultBranch: string;
  /** Workflows whose runs may have written the ledger. */
  release: ReleaseRuns;
  /** Services that the policy says were never released to this environment; undefined where it says nothing of it. */
  firstRelease: readonly string[] | undefined;
  /** How servers that the policy names are asked. */
  numbers: NumberPorts;
  signal: AbortSignal;
}

/** What a look-up works with: the question, and what other look-ups of the same check find. */
export interface Sources extends Asking {
  /** Whether a gate asks for a kind. */
  asks(kind: string): boolean;
  /** Another kind's value, looked up once for all. Throws Unknowable where that is unknown. */
  valueOf<S extends z.ZodType>(evidence: { kind: string; what: string; schema: S }): Promise<z.output<S>>;
  /** What GitHub answers to a kind's `first`: the repository with the members it asked for. */
  first<T>(kind: string): Promise<T>;
  /** A request that several kinds share, made once for each key. */
  once<T>(key: string, lookUp: () => Promise<T>): Promise<T>;
}

/** Members of the repository, and the values of their variables. */
export interface First {
  part: QueryPart;
  variables: Record<string, unknown>;
}

/**
 * One kind of evidence. `N` is what a gate that needs it has to say, such as branch patterns; `true` where there is
 * nothing to say.
 */
export interface Evidence<K extends string, S extends z.ZodType, N> {
  kind: K;
  /** In the middle of a sentence: "<what> could not be read". */
  what: string;
  /** The value when it is known; it stands in the report. */
  schema: S;
  /** Least permissions of the job, as under `permissions:`. */
  permission: Readonly<Record<string, 'read'>>;
  /** The kinds that it takes by `valueOf`, each with what has to be said to get it. */
  restsOn?: Readonly<Record<string, (request: GateRequest) => unknown>>;
  /** What it asks of GraphQL at the beginning: all kinds do so in one request. */
  first?(needs: readonly N[], asking: Asking): First;
  /**
   * Looks it up for all gates at once. What GitHub refuses or cannot tell becomes unknown; any other error is a bug.
   */
  collect(needs: readonly N[], sources: Sources): Promise<z.output<S>>;
}

/** Defines a kind of evidence; it counts once it stands in evidence/registry.ts. */
export function defineEvidence<const K extends string, S extends z.ZodType, N>(
  evidence: Evidence<K, S, N>,
): Evidence<K, S, N> {
  return evidence;
}

/** What was asked cannot be told from GitHub's answer; the message says why. */
export class Unknowable extends Error {
  constructor(
    message: string,
    readonly permission?: string | undefined,
  ) {
    super(message);
  }
}

/**
 * Runs a look-up; GitHub's refusal becomes an unknown piece that names the permissions to add. Other errors are bugs
 * and pass through.
 */
export async function ask<T>(
  permission: Readonly<Record<string, string>>,
  lookUp: () => Promise<T>,
  tokenFrom?: string,
): Promise<Piece<T>> {
  const named = (missing: string | undefined) =>
    missing ? { permission: missing, ...(tokenFrom === undefined ? {} : { tokenFrom }) } : {};
  try {
    return { is: 'known', value: await lookUp() };
  } catch (error) {
    if (error instanceof Unknowable)
      return { is: 'unknown', reason: error.message, ...named(error.permission) };
    if (!(error instanceof GitHubError)) throw error;
    // Limits, single sign-on, address lists and archived repositories answer 403 too: no permission would help there.
    if (error.because === 'limit') return { is: 'unknown', reason: error.message.replaceAll('\n', ' ') };
    const missing =
      error.permission ?? (error.because === 'permission' ? permissionLines(permission) : undefined);
    return { is: 'unknown', reason: firstLine(error.message), ...named(missing) };
  }
}

const permissionLines = (permission: Readonly<Record<string, string>>) =>
  Object.entries(permission)
    .map(([name, level]) => `${name}: ${level}`)
    .join('\n');

function firstLine(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/ Add to this job:$/, '')
    .replace(/\.$/, '');
}
