import type { Problem } from '../../../shared/config/problem.js';
import { hidingUser } from '../../../shared/probes/address.js';
import { checkSuite } from './check-suite.js';
import type { Evaluators } from './evaluators.js';
import { fillText, parseTemplate } from '../values/interpolate.js';
import type { LoadedSuite } from '../suite/loaded-suite.js';
import { expandFlows, planIsolation } from './flows.js';
import { expectsVersion, selectFlows } from './selection.js';
import { planSteps } from './plan-steps.js';
import type { Plan, PlannedBudget } from './planned.js';
import { createScope, type SuiteValues } from '../values/scope.js';
import { inputProblem, settleValues, unusedVariables, type Settings } from '../values/settings.js';

/** What a plan is made with besides the suite. */
export interface PlanTools {
  /** The value that the environment gives a variable. */
  variable: (name: string) => string | undefined;
  evaluators: Evaluators;
  /** The bodies of files, by the part of the suite that names them. */
  files: ReadonlyMap<object, Uint8Array>;
  /** Takes secrets out of names. */
  redact: (text: string) => string;
}

/** Turns a suite and what the workflow hands to it into a plan, or says everything that is wrong. Sends nothing. */
export function planSuite(
  suite: LoadedSuite,
  settings: Settings,
  { variable, evaluators, files, redact }: PlanTools,
): { ok: true; plan: Plan } | { ok: false; problems: Problem[] } {
  const { values, problems } = settleValues(suite.variables, settings, variable);
  const base = settleBaseUrl(suite, settings, values);
  const checked = checkSuite(suite, values, base.given, evaluators);
  const used = new Set([...checked.used, ...base.used]);
  problems.push(
    ...base.problems,
    ...checked.problems,
    ...unusedVariables(givenAlone(settings), suite.variables, used),
  );
  const selected = selectFlows(suite, settings.only);
  problems.push(...selected.problems);
  const isExpected =
    checked.usedInExpectations.has('version') && (!settings.only || expectsVersion(suite, selected.flows));
  if (settings.expectVersion !== undefined && !isExpected) {
    const got = `${settings.expectVersion}, which no expectation of ${suite.file} looks at`;
    const fix =
      'expect {{ version }} in a step, e.g. headers: { x-app-version: { equals: "{{ version }}" } }';
    problems.push(inputProblem('expect-version', '', got, 'a version that the suite checks', fix));
  }
  if (problems.length > 0) return { ok: false, problems };
  const chosen = { ...suite, flows: selected.flows };
  const flows = expandFlows(chosen, values, redact);
  const tolerated = suite.value.budgets?.failures ?? 0;
  if (flows.length > 0 && tolerated >= flows.length) {
    const place = { file: suite.file, ...suite.placeOf(['budgets', 'failures']), path: 'budgets.failures' };
    const got = `${tolerated} of ${flows.length} flows that may fail: the suite would pass with all of them`;
    const allowed = 'fewer than there are flows, rows and tenants counted';
    const fix = flows.length > 1 ? `write at most ${flows.length - 1}` : 'remove "failures"';
    return { ok: false, problems: [{ ...place, got, allowed, fix }] };
  }
  return {
    ok: true,
    plan: {
      name: suite.value.name ?? suite.file,
      file: suite.file,
      baseUrl: base.url,
      version: values.variables['version'],
      values,
      timeoutMs: suite.value.timeout,
      before: planSteps(suite.value.before, 'before', suite, ['before']),
      flows,
      isolation: planIsolation(suite, values),
      after: planSteps(suite.value.after, 'after', suite, ['after']),
      budgets: planBudgets(chosen),
      leftOut: suite.flows.filter((loaded) => !selected.flows.includes(loaded)).map(({ flow }) => flow.name),
      tolerated,
      evaluators: evaluators.compiled,
      files,
    },
  };
}

/** Files of values are shared between suites; what is given by itself must be of use. */
function givenAlone({ variables, fileVariables = [] }: Settings): string[] {
  return Object.keys(variables).filter((name) => !fileVariables.includes(name));
}

function planBudgets(suite: LoadedSuite): PlannedBudget[] {
  const p95Ms = suite.value.budgets?.p95;
  const line = suite.placeOf(['budgets', 'p95'])?.line;
  return [
    ...(p95Ms === undefined ? [] : [{ flow: undefined, p95Ms, file: suite.file, line }]),
    ...suite.flows.flatMap(({ flow, source, at }) =>
      flow.budget
        ? [
            {
              flow: flow.name,
              p95Ms: flow.budget.p95,
              file: source.file,
              line: source.placeOf([...at, 'budget', 'p95'])?.line,
            },
          ]
        : [],
    ),
  ];
}

interface BaseUrl {
  given: boolean;
  url: string | undefined;
  used: string[];
  problems: Problem[];
}

function settleBaseUrl(suite: LoadedSuite, settings: Settings, values: SuiteValues): BaseUrl {
  const own = suite.value['base-url'];
  const written = settings.baseUrl ?? own;
  if (written === undefined) return { given: false, url: undefined, used: [], problems: [] };
  const references = (text: string | undefined) => {
    const template = parseTemplate(text ?? '');
    return template.ok ? template.parts.flatMap((part) => ('reference' in part ? [part.reference] : [])) : [];
  };
  const used = [...references(own), ...references(settings.baseUrl)];
  const place =
    settings.baseUrl === undefined
      ? { file: suite.file, ...suite.placeOf(['base-url']) }
      : { file: 'input base-url' };
  const allowed = 'an http:// or https:// address without query, in which every {{ name }} has a value';
  const fix = 'write the address people would use, e.g. https://shop.example.com';
  try {
    const url = fillText(written, createScope(values, () => 0, 0).lookup);
    const parsed = new URL(url);
    if (/^https?:$/.test(parsed.protocol) && parsed.search === '' && parsed.hash === '')
      return { given: true, url, used, problems: [] };
  } catch {
    // What is wrong is the same for every way in which it is no address.
  }
  return {
    given: true,
    url: undefined,
    used,
    problems: [{ ...place, path: 'base-url', got: JSON.stringify(hidingUser(written)), allowed, fix }],
  };
}
