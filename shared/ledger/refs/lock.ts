import * as z from 'zod';
import { deploymentPayloadSchema } from '../../contracts/deployment.js';
import { incidentRuleSchema } from '../../contracts/verdict.js';
import { digestSchema, instantSchema, nameSchema, versionSchema } from '../../contracts/formats.js';
import { callSchema } from '../../contracts/call.js';
import { holderSchema } from './holder.js';
import type { RefStore } from './refs.js';
import { stateFile, type StateFile } from './state.js';

/** What a run that died is to be brought to. */
export const onInterruptSchema = z.enum(['revert', 'complete', 'hold']);

/** The journal of a switch under way: what is to be called on the routers, in order, and how far that got. */
export const journalSchema = z.strictObject({
  direction: z.enum(['forward', 'back']),
  /** Router state the plan was made for; another one means that someone else moved traffic. */
  observed: z.string(),
  calls: z.array(callSchema),
  /** Calls known to be done; the next one may have been done too. */
  done: z.int().nonnegative(),
  onInterrupt: onInterruptSchema,
});

/** A weighted stop: percent for the new colour, and milliseconds to stay or `pause`. */
const stopSchema = z.strictObject({
  percent: z.int().min(1).max(99),
  stay: z.union([z.int().positive(), z.literal('pause')]),
});

/** The lock on the traffic of a service in an environment. */
export const lockSchema = z.strictObject({
  schema: z.literal('devops-actions/lock@1'),
  environment: nameSchema,
  service: nameSchema,
  /** Makes two otherwise equal claims differ. */
  claim: z.string(),
  holder: holderSchema,
  /**
   * reserved: the idle colour is being prepared; switching: the journal counts; paused: between two steps until
   * resumed; retiring: the idle colour is being removed; held: a person must decide.
   */
  phase: z.enum(['reserved', 'switching', 'paused', 'retiring', 'held']),
  /** Undefined when nothing was live before (bootstrap). */
  from: nameSchema.optional(),
  to: nameSchema,
  /** The Deployment this lock is for. */
  deployment: z.int().positive(),
  version: versionSchema,
  digest: digestSchema,
  /** The payload of that Deployment, so that recovery needs one read. */
  payload: deploymentPayloadSchema,
  since: instantSchema,
  journal: journalSchema.optional(),
  /** When the verdict that allowed this ends. */
  expiresAt: instantSchema.optional(),
  /** The weighted stops of the strategy, and how many of them are behind. */
  stops: z.array(stopSchema).optional(),
  passed: z.int().nonnegative().optional(),
  /** The verdict's rule on open incidents, for whoever resumes the switch. */
  incidents: incidentRuleSchema.optional(),
  /** Why a person must decide. */
  reason: z.string().optional(),
  /** Set on a hold of a lock that its Deployment does not bear out: no mode moves anything by it. */
  doubted: z.literal(true).optional(),
  /**
   * Set on a hold that has no other cause than nodes that cannot be read or refuse a change: what the others had then,
   * in percent by colour. As long as they still have it, nobody has decided by hand, and a recovery may go on once
   * every node can be read.
   */
  awaits: z.strictObject({ seen: z.record(z.string(), z.record(z.string(), z.number())) }).optional(),
});

export type Lock = z.output<typeof lockSchema>;
export type Journal = z.output<typeof journalSchema>;
export type OnInterrupt = z.output<typeof onInterruptSchema>;

/** The lock of a service in an environment. */
export function lockFile(store: RefStore, environment: string, service: string): StateFile<Lock> {
  return stateFile(store, lockSchema, environment, service, 'lock');
}
