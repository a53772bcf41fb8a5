import type { Place } from '../../shared/config/parse.js';
import type { Problem } from '../../shared/config/problem.js';
import { suggest } from '../../shared/config/suggest.js';
import type { CompiledPath } from '../../shared/probes/evaluators/json-path.js';
import { compilePattern } from '../../shared/probes/evaluators/pattern.js';
import { isRelative } from './build-request.js';
import { parseTemplate } from './interpolate.js';
import { isInexact } from './json-values.js';
import { isGenerated, numbersOf, pathsOf, patternsOf, templatesOf } from './references.js';
import { generators, reservedNames, type SuiteValues } from './scope.js';
import type { Suite, SuiteStep } from './suite-schema.js';

/** A suite as it was read: its value, its file, and where everything stands in it. */
export interface LoadedSuite {
  value: Suite;
  file: string;
  placeOf(path: readonly PropertyKey[]): Place | undefined;
}

/** What checking found: all problems, and every reference the suite makes with the part of a step it is made in. */
export interface Checked {
  problems: Problem[];
  used: Set<string>;
  usedInExpectations: Set<string>;
}

/** Finds what a schema cannot: names without a value, patterns and paths that do not compile, names given twice. Sends nothing. */
export function checkSuite(
  suite: LoadedSuite,
  values: SuiteValues,
  hasBaseUrl: boolean,
  compilePath: (source: string) => CompiledPath,
): Checked {
  const checked: Checked = { problems: [], used: new Set(), usedInExpectations: new Set() };
  const report = (
    path: readonly PropertyKey[],
    got: string,
    allowed: string,
    fix: string,
    didYouMean?: string,
  ) => {
    const found = {
      file: suite.file,
      ...suite.placeOf(path),
      path: path.map(String).join('.'),
      got,
      allowed,
      fix,
    };
    checked.problems.push(didYouMean ? { ...found, didYouMean } : found);
  };
  const common = commonNames(values);
  for (const name of Object.keys(suite.value.variables ?? {})) {
    if (reservedNames.includes(name))
      report(['variables', name], `the reserved name ${name}`, 'another name', `rename ${name}`);
  }
  checkNames(suite.value.flows, ['flows'], report);
  suite.value.flows.forEach((flow, flowIndex) => {
    const at = ['flows', flowIndex];
    checkNames([...flow.steps, ...(flow.after ?? [])], [...at, 'steps'], report);
    const captured = new Set<string>();
    for (const [key, steps] of [
      ['steps', flow.steps],
      ['after', flow.after ?? []],
    ] as const) {
      steps.forEach((step, index) => {
        const stepReport: Report = (path, ...rest) => report([...at, key, index, ...path], ...rest);
        checkReferences(step, [...common, ...captured], checked, stepReport);
        checkEvaluators(step, compilePath, stepReport);
        checkAddress(step.http.url, hasBaseUrl, stepReport);
        checkCaptures(step, common, stepReport);
        for (const name of Object.keys(step.capture ?? {})) captured.add(name);
      });
    }
  });
  return checked;
}

type Report = (
  path: readonly PropertyKey[],
  got: string,
  allowed: string,
  fix: string,
  didYouMean?: string,
) => void;

/** Every reference that any step may make. */
export function commonNames({ variables, environment, secrets }: SuiteValues): string[] {
  return [
    ...Object.keys(variables),
    ...Object.keys(environment).map((name) => `env.${name}`),
    ...Object.keys(secrets).map((name) => `secrets.${name}`),
    ...generators,
  ];
}

function checkNames(named: readonly { name: string }[], path: PropertyKey[], report: Report): void {
  named.forEach(({ name }, index) => {
    if (named.findIndex((other) => other.name === name) === index) return;
    report(
      [...path, index, 'name'],
      `the name "${name}" again`,
      'a name of its own',
      'rename one of them: reports tell them apart by name',
    );
  });
}

function checkReferences(step: SuiteStep, known: readonly string[], checked: Checked, report: Report): void {
  for (const { text, path } of templatesOf(step)) {
    const template = parseTemplate(text);
    if (!template.ok) {
      report(
        path,
        template.got,
        '{{ name }} with a name between the braces',
        'close the braces or correct the name',
      );
      continue;
    }
    for (const part of template.parts) {
      if ('literal' in part) continue;
      checked.used.add(part.reference);
      if (path[0] === 'expect') checked.usedInExpectations.add(part.reference);
      if (known.includes(part.reference) || isGenerated(part.reference)) continue;
      const didYouMean = suggest(part.reference, known);
      const [kind, name] = part.reference.split('.');
      const fix =
        kind === 'env'
          ? `add ${name} to the input "environment"`
          : kind === 'secrets'
            ? `add ${name}=… to the input "secrets"`
            : didYouMean
              ? `write {{ ${didYouMean} }}`
              : `add ${part.reference}=… to the input "variables", or capture it in an earlier step of this flow`;
      report(path, `{{ ${part.reference} }}, which has no value`, known.join(', '), fix, didYouMean);
    }
  }
}

function checkEvaluators(
  step: SuiteStep,
  compilePath: (source: string) => CompiledPath,
  report: Report,
): void {
  for (const { text, path } of patternsOf(step)) {
    const compiled = compilePattern(text);
    if (!compiled.ok)
      report(path, compiled.reason, 'an ECMAScript regular expression (flag u)', 'correct the pattern');
  }
  for (const { text, path } of pathsOf(step)) {
    const compiled = compilePath(text);
    if (compiled.ok) continue;
    const allowed = 'a JSONPath as RFC 9535 defines it, without {{ }}';
    report(
      path,
      `${text}: ${compiled.reason}`,
      allowed,
      'correct the path; compare values with equals or contains-value',
    );
  }
  for (const { value, path } of numbersOf(step)) {
    if (!isInexact(value)) continue;
    report(
      path,
      `the number ${value}, whose last digits are lost`,
      'whole numbers up to 2^53 - 1',
      'compare it as text with body.contains',
    );
  }
}

function checkAddress(url: string, hasBaseUrl: boolean, report: Report): void {
  if (isRelative(url)) {
    if (hasBaseUrl) return;
    report(
      ['http', 'url'],
      `${url} without a base address`,
      'a base-url in the suite or as input',
      'set the input "base-url"',
    );
  } else if (!/^(https?:\/\/|\{\{)/i.test(url)) {
    report(
      ['http', 'url'],
      JSON.stringify(url),
      'a path that starts with /, or http:// or https://',
      `write /${url}`,
    );
  }
}

function checkCaptures(step: SuiteStep, common: readonly string[], report: Report): void {
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
