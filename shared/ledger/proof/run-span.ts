import { isoInstant, parseInstant } from '../../time/instant.js';

/** When a run was at work, as GitHub says it of the run and its newest attempt, in epoch milliseconds. */
export interface RunSpan {
  /** Start of its first attempt. */
  createdAt: number;
  /** Start of its newest attempt. */
  startedAt: number;
  /** Last change of a run that is completed; undefined while it is not. */
  endedAt: number | undefined;
}

/**
 * GitHub's instants have whole seconds, and a cancelled run may be told completed before its last step ended
 * (milliseconds).
 */
const slack = 300_000;

/** Reads the span out of a run as the API answers it; undefined where it does not say. */
export function spanOf(run: {
  created_at?: string;
  run_started_at?: string;
  updated_at?: string;
  status?: string | null;
}): RunSpan | undefined {
  const [createdAt, startedAt, updatedAt] = [run.created_at, run.run_started_at, run.updated_at].map((text) =>
    parseInstant(text ?? ''),
  );
  if (createdAt === undefined || startedAt === undefined) return undefined;
  return { createdAt, startedAt, endedAt: run.status === 'completed' ? updatedAt : undefined };
}

/**
 * Why a run cannot have written at an instant what is said of one of its attempts; undefined when it can. An attempt
 * ends before the next begins.
 */
export function outsideSpan(
  span: RunSpan,
  { at, attempt, newest }: { at: number; attempt: number; newest: number },
): string | undefined {
  const isNewest = attempt >= newest;
  const from = isNewest ? span.startedAt : span.createdAt;
  const to = isNewest ? span.endedAt : span.startedAt;
  if (at < from - slack) return `attempt ${attempt} began only at ${isoInstant(from)}`;
  if (to !== undefined && at > to + slack) return `attempt ${attempt} was over at ${isoInstant(to)}`;
  return undefined;
}

/** Whether a run was at work at an instant (epoch ms), in any of its attempts. */
export function workedAt({ createdAt, endedAt }: RunSpan, at: number): boolean {
  return at >= createdAt - slack && (endedAt === undefined || at <= endedAt + slack);
}

/** What is held against a run that GitHub does not know. */
export const runGone = (id: number): string => `run ${id} does not exist`;
