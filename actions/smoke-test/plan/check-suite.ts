import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import { checkEvaluators, checkProbe } from './check-step.js';
import { checkTenants } from './check-tenants.js';
import type { ReportProblem } from './report-problem.js';
import type { Evaluators } from './evaluators.js';
import { isSigned } from '../request/hmac.js';
import { parseTemplate } from '../values/interpolate.js';
import type { LoadedSuite, Source } from '../suite/loaded-suite.js';
import { isGenerated, literalReferences, templatesOf } from '../suite/references.js';
import { generators, reservedNames, type SuiteValues } from '../values/scope.js';
import type { SuiteStep } from '../suite/schema/schema.js';

/** What checking found: all problems, and every reference the suite makes with the part of a step it is made in. */
export interface Checked {
  problems: Problem[];
  used: Set<string>;
  usedInExpectations: Set<string>;
}

/**
 * Finds what a schema cannot: names without a value, patterns and paths that do not compile, names given twice. Sends
 * nothing.
 */
export function checkSuite(
  suite: LoadedSuite,
  values: SuiteValues,
  hasBaseUrl: boolean,
  evaluators: Evaluators,
): Checked {
  const checked: Checked = { problems: [], used: new Set(), usedInExpectations: new Set() };
  const reportIn =
    (source: Source, at: readonly PropertyKey[] = []): ReportProblem =>
    (path, got, allowed, fix, didYouMean) => {
      const whole = [...at, ...path];
      const found = { file: source.file, ...source.placeOf(whole), path: whole.map(String).join('.') };
      checked.problems.push({ ...found, got, allowed, fix, ...(didYouMean ? { didYouMean } : {}) });
    };
  const common = commonNames(values);
  for (const [name, source] of suite.variablePlaces) {
    if (!reservedNames.includes(name)) continue;
    reportIn(source)(['variables', name], `the reserved name ${name}`, 'another name', `rename ${name}`);
  }
  for (const [name, source] of suite.variablePlaces)
    checkLiterals(suite.variables[name], ['variables', name], reportIn(source));
  for (const { flow, source, at } of suite.flows)
    checkLiterals(flow.rows?.inline, [...at, 'rows', 'inline'], reportIn(source));
  checkNames(suite.flows.map(({ flow, source, at }) => ({ name: flow.name, report: reportIn(source, at) })));
  for (const { flow, source, at } of suite.flows) {
    if (!flow['each-tenant'] || suite.value.tenants) continue;
    const fix = 'add "tenants:" with their values to the suite';
    reportIn(source, at)(['each-tenant'], 'each-tenant without tenants', 'tenants in the suite', fix);
  }
  const given = common.filter((name) => !isGenerated(name));
  for (const reference of checkTenants(suite, given, reportIn(suite))) checked.used.add(reference);
  for (const { source, lists, further, taken } of suite.groups) {
    const captured = new Set<string>();
    const named = lists.flatMap(({ steps, at }) =>
      steps.map((step, index) => ({ name: step.name, step, report: reportIn(source, [...at, index]) })),
    );
    checkNames(named);
    for (const { step, report } of named) {
      checkReferences(step, [...common, ...further, ...captured], checked, report);
      checkEvaluators(step, evaluators, report);
      checkProbe(step, hasBaseUrl, report);
      checkCaptures(step, [...common, ...taken], report);
      for (const name of Object.keys(step.capture ?? {})) captured.add(name);
    }
  }
  return checked;
}

/** Every reference that any step may make. */
export function commonNames({ variables, environment, secrets }: SuiteValues): string[] {
  return [
    ...Object.keys(variables),
    ...Object.keys(environment).map((name) => `env.${name}`),
    ...Object.keys(secrets).map((name) => `secrets.${name}`),
    ...generators,
  ];
}

/**
 * Values that references stand for are taken as they are; one inside would be looked for in answers and never be found.
 */
function checkLiterals(value: unknown, at: PropertyKey[], report: ReportProblem): void {
  for (const { got, path } of literalReferences(value, at))
    report(path, got, 'a value without {{ }}: it is taken as it is', 'write it out');
}

function checkNames(named: readonly { name: string; report: ReportProblem }[]): void {
  const seen = new Set<string>();
  for (const { name, report } of named) {
    if (seen.has(name))
      report(
        ['name'],
        `the name "${name}" again`,
        'a name of its own',
        'rename one of them: reports tell them apart by name',
      );
    seen.add(name);
  }
}

/** What to do about a reference to a value that only some steps have. */
const homes = {
  row: 'add the column to every row of "rows", and use it in a step of that flow',
  tenant: 'add it to every tenant, and use it in "isolation" or in a flow with each-tenant: true',
  other: 'capture it in "isolation.own", and use it in "isolation.others"',
};

function checkReferences(
  step: SuiteStep,
  known: readonly string[],
  checked: Checked,
  report: ReportProblem,
): void {
  for (const { text, path } of templatesOf(step)) {
    const template = parseTemplate(text);
    if (!template.ok) {
      report(path, template.got, '{{ name }} with a name between the braces', template.fix);
      continue;
    }
    for (const part of template.parts) {
      if ('literal' in part) continue;
      checked.used.add(part.reference);
      // What must not be there is no proof of what is.
      if (path[0] === 'expect' && path[1] !== 'not' && path.at(-1) !== 'not-contains')
        checked.usedInExpectations.add(part.reference);
      if (known.includes(part.reference) || isGenerated(part.reference)) continue;
      if (isSigned(part.reference, path)) continue;
      const didYouMean = suggest(part.reference, known);
      const [kind, name] = part.reference.split('.');
      const fix =
        kind === 'env'
          ? `add ${name} to the input "environment"`
          : kind === 'secrets'
            ? `add ${name}=… to the input "secrets"`
            : didYouMean
              ? `write {{ ${didYouMean} }}`
              : kind === 'row' || kind === 'tenant' || kind === 'other'
                ? homes[kind]
                : `add ${part.reference}=… to the input "variables", or capture it in an earlier step of this flow`;
      report(path, `{{ ${part.reference} }}, which has no value`, known.join(', '), fix, didYouMean);
    }
  }
}

function checkCaptures(step: SuiteStep, common: readonly string[], report: ReportProblem): void {
  for (const name of Object.keys(step.capture ?? {})) {
    if (!common.includes(name) && !reservedNames.includes(name)) continue;
    report(
      ['capture', name],
      `the name ${name}, which already has a value`,
      'another name',
      `rename the capture ${name}`,
    );
  }
}
