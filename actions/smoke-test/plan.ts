import type { Problem } from '../../shared/config/problem.js';
import type { CompiledPath, JsonPath } from '../../shared/probes/evaluators/json-path.js';
import { checkSuite, type LoadedSuite } from './check-suite.js';
import { fillText, parseTemplate } from './interpolate.js';
import { pathsOf } from './references.js';
import { createScope, type SuiteValues } from './scope.js';
import { inputProblem, settleValues, unusedVariables, type Settings } from './settings.js';
import type { Suite, SuiteStep } from './suite-schema.js';

/** A step ready to run, with its place in the suite file. */
export interface PlannedStep {
  name: string;
  phase: 'test' | 'after';
  step: SuiteStep;
  file: string;
  /** Line of a path inside the step, or of the nearest thing above it. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

export interface PlannedFlow {
  name: string;
  line: number | undefined;
  steps: PlannedStep[];
  after: PlannedStep[];
}

/** A suite in which every name has a value and every evaluator compiles. */
export interface Plan {
  name: string;
  file: string;
  baseUrl: string | undefined;
  version: string | undefined;
  values: SuiteValues;
  flows: PlannedFlow[];
  pathOf(source: string): JsonPath;
}

/** Whether a suite needs the JSONPath engine at all. */
export function usesJsonPath({ flows }: Suite): boolean {
  return flows.some(({ steps, after = [] }) => [...steps, ...after].some((step) => pathsOf(step).length > 0));
}

/** Turns a suite and what the workflow hands to it into a plan, or says everything that is wrong. Sends nothing. */
export function planSuite(
  suite: LoadedSuite,
  settings: Settings,
  variable: (name: string) => string | undefined,
  compilePath: (source: string) => CompiledPath,
): { ok: true; plan: Plan } | { ok: false; problems: Problem[] } {
  const { values, problems } = settleValues(suite.value, settings, variable);
  const base = settleBaseUrl(suite, settings, values);
  const paths = new Map<string, CompiledPath>();
  const compileOnce = (source: string): CompiledPath => {
    const compiled = paths.get(source) ?? compilePath(source);
    paths.set(source, compiled);
    return compiled;
  };
  const checked = checkSuite(suite, values, base.given, compileOnce);
  const used = new Set([...checked.used, ...base.used]);
  problems.push(
    ...base.problems,
    ...checked.problems,
    ...unusedVariables(Object.keys(settings.variables), suite.value, used),
  );
  if (settings.expectVersion !== undefined && !checked.usedInExpectations.has('version')) {
    const got = `${settings.expectVersion}, which no expectation of ${suite.file} looks at`;
    const fix =
      'expect {{ version }} in a step, e.g. headers: { x-app-version: { equals: "{{ version }}" } }';
    problems.push(inputProblem('expect-version', '', got, 'a version that the suite checks', fix));
  }
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    plan: {
      name: suite.value.name ?? suite.file,
      file: suite.file,
      baseUrl: base.url,
      version: values.variables['version'],
      values,
      flows: suite.value.flows.map((flow, index) => ({
        name: flow.name,
        line: suite.placeOf(['flows', index])?.line,
        steps: flow.steps.map((step, i) => planStep(suite, step, 'test', ['flows', index, 'steps', i])),
        after: (flow.after ?? []).map((step, i) =>
          planStep(suite, step, 'after', ['flows', index, 'after', i]),
        ),
      })),
      pathOf(source) {
        const compiled = compileOnce(source);
        if (!compiled.ok) throw new Error(compiled.reason);
        return compiled.path;
      },
    },
  };
}

function planStep(
  suite: LoadedSuite,
  step: SuiteStep,
  phase: PlannedStep['phase'],
  at: PropertyKey[],
): PlannedStep {
  return {
    name: step.name,
    phase,
    step,
    file: suite.file,
    lineOf: (path) => suite.placeOf([...at, ...path])?.line,
  };
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
    problems: [{ ...place, path: 'base-url', got: JSON.stringify(written), allowed, fix }],
  };
}
