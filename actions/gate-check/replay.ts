import type { GateReport } from './report.js';
import { parseInstant } from '../../shared/time/instant.js';
import { beforeMerge } from './before-merge.js';
import { decide, type Decision } from './decide.js';
import { readPolicy } from './policy.js';

/** Makes the decision of a report again from the report alone. */
export function replay(report: GateReport): Decision {
  const { request, evidence } = report;
  const whole = readPolicy(report.policy, request.policy.path, request.environment, report.base);
  const policy = request.ahead ? beforeMerge(whole, request) : whole;
  return decide(policy, request, evidence, parseInstant(report.now) ?? NaN);
}
