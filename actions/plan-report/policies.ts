import type { PlanReport } from '../../shared/contracts/reports/plan-report.js';
import { askOpa } from '../../shared/exec/opa.js';
import type { PlannedFolder } from './judge.js';

type Verdict = PlanReport['policies'][number];

/** Most reasons of a policy that are shown, and the characters of each. */
const mostReasons = 20;
const longest = 300;

const any = {};
const text = { type: 'string' };
const change = {
  type: 'object',
  additionalProperties: false,
  properties: {
    actions: { type: 'array', items: text },
    before: any,
    after: any,
    after_unknown: any,
    replace_paths: any,
  },
};

/** What policies may ask about: a name that is not there is an error, where undefined would deny nothing. */
const schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    environment: text,
    folder: text,
    resource_changes: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        properties: {
          address: text,
          module_address: text,
          mode: text,
          type: text,
          name: text,
          index: any,
          provider_name: text,
          change,
        },
      },
    },
    output_changes: any,
  },
};

/** Asks each policy about each plan. One that gives no list of texts is an error, and nothing passes with one. */
export async function askPolicies(
  files: Readonly<Record<string, string>>,
  planned: readonly PlannedFolder[],
  environment: string,
  signal: AbortSignal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [file, module] of Object.entries(files)) {
    for (const { folder, plan } of planned) {
      if (typeof plan === 'string') continue;
      const input = { environment, folder, ...plan.visible };
      const answer = await askOpa({ module, queries: ['data.plan.deny'], input, schema }, signal);
      verdicts.push({ file, folder, ...verdictOf(answer.ok ? answer.values[0] : answer) });
    }
  }
  return verdicts;
}

function verdictOf(answer: unknown): Pick<Verdict, 'is' | 'reasons'> {
  const error = (why: string) => ({ is: 'error' as const, reasons: [why] });
  if (Array.isArray(answer)) {
    if (!answer.every((one) => typeof one === 'string')) return error('deny holds something that is no text');
    return answer.length === 0
      ? { is: 'allowed', reasons: [] }
      : {
          is: 'denied',
          reasons: answer.slice(0, mostReasons).map((one) => one.slice(0, longest)),
        };
  }
  if (answer === undefined)
    return error('data.plan.deny is undefined. Fix: package plan, and deny contains "…" if { … }');
  if (typeof answer === 'object' && answer !== null && 'why' in answer) return error(String(answer.why));
  return error('deny is no set of texts');
}
