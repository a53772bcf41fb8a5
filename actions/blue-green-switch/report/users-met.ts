import { isoInstant } from '../../../shared/time/instant.js';
import { describeFailures, lasted } from '../../../shared/traffic/colour/failures.js';
import type { Timeline } from '../../../shared/traffic/timeline.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';
import type { ModeResult } from './result.js';

/** What new connections met, for outputs and report; `failedRelease` only of a switch, whose release is at fault. */
export interface UsersMet {
  /** `degraded` in place of `switched` where connections failed for too long. */
  result: string;
  message: string;
  /** Empty when no connection was opened. */
  failedConnections: string;
  facts: SwitchReport['connections'];
  warnings: string[];
}

/**
 * Puts what new connections met into the result of a mode: a switch that users felt never reads as one that they did
 * not. Pure.
 */
export function usersMet(
  service: string,
  environment: string,
  { failures }: Pick<Timeline, 'failures'>,
  { result, message, version = '' }: Pick<ModeResult, 'result' | 'message' | 'version'>,
): UsersMet {
  const seen = failures.seen;
  if (seen.opened === 0) return { result, message, failedConnections: '', facts: undefined, warnings: [] };
  const { opened, failed, failedBefore, firstAt, lastAt, longestMs, why } = seen;
  const switched = result === 'switched';
  const failedRelease = switched && lasted(seen);
  const sentence = describeFailures(seen);
  const facts: SwitchReport['connections'] = {
    opened,
    failed,
    failedBefore,
    longestMs,
    failedRelease,
    ...(firstAt === undefined ? {} : { firstAt: isoInstant(firstAt) }),
    ...(lastAt === undefined ? {} : { lastAt: isoInstant(lastAt) }),
    ...(why === undefined ? {} : { why }),
  };
  if (!sentence) return { result, message, failedConnections: '0', facts, warnings: [] };
  const headline = `${service} ${version} is live in ${environment}, and ${connections(failed)} failed`;
  return {
    result: failedRelease ? 'degraded' : result,
    message: `${switched ? `${headline}: ` : ''}${message}. ${sentence}`,
    failedConnections: String(failed),
    facts,
    warnings: [sentence],
  };
}

const connections = (count: number) => `${count} ${count === 1 ? 'connection' : 'connections'}`;
