import { ConfigurationError } from '../../shared/config/problem.js';
import { readPlan, type Rules } from '../../shared/analysis/criteria/criteria-file.js';
import type { AnalysisReport } from '../../shared/contracts/reports/analysis-report.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import type { Inputs } from './inputs.js';

/** What is judged, by which file, and what a restored release is judged by: live, so by the criteria of a watch. */
export interface RulesRead {
  rules: Rules;
  criteriaFile: NonNullable<AnalysisReport['criteriaFile']>;
  after: Rules;
}

/** Reads the criteria from the default branch. Throws ConfigurationError where there are none or they are wrong. */
export async function readRules(
  { github }: Pick<TrafficControl, 'github'>,
  { criteria, environment }: Pick<Inputs, 'criteria' | 'environment'>,
  mode: 'watch' | 'check' = 'watch',
): Promise<RulesRead> {
  const { text, commit } = await readTrustedFile(github, criteria);
  const rules = readPlan(text, criteria, environment, mode);
  return {
    rules,
    criteriaFile: { path: criteria, commit },
    after: mode === 'watch' ? rules : watchedBy(text, criteria, environment, rules),
  };
}

/** Criteria that only scheduled checks use judge what is live too. */
function watchedBy(text: string, file: string, environment: string, known: Rules): Rules {
  try {
    return readPlan(text, file, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return known;
    throw error;
  }
}
