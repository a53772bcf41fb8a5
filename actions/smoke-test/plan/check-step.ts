import { compilePattern } from '../../../shared/probes/evaluators/pattern.js';
import { hidingUser } from '../../../shared/probes/address.js';
import type { ReportHere, ReportProblem } from './report-problem.js';
import type { Evaluators } from './evaluators.js';
import { isRelative, methodOf } from '../request/http.js';
import { isUrlOf } from './operation-url.js';
import { isInexact } from '../judge/json-values.js';
import {
  markupOf,
  numbersOf,
  operationsOf,
  pathsOf,
  patternsOf,
  schemasOf,
  unfilledOf,
} from '../suite/references.js';
import type { SuiteStep } from '../suite/schema/schema.js';

/** Patterns, paths, selectors and schemas that do not compile, and numbers that lost digits. */
export function checkEvaluators(step: SuiteStep, evaluators: Evaluators, report: ReportProblem): void {
  for (const { text, path } of patternsOf(step)) {
    const compiled = compilePattern(text);
    if (!compiled.ok)
      report(path, compiled.reason, 'an ECMAScript regular expression (flag u)', 'correct the pattern');
  }
  for (const { text, path } of pathsOf(step)) {
    const compiled = evaluators.path(text);
    if (compiled.ok) continue;
    const allowed = 'a JSONPath as RFC 9535 defines it, without {{ }}';
    const fix = 'correct the path; compare values with equals or contains-value';
    report(path, `${text}: ${compiled.reason}`, allowed, fix);
  }
  for (const { kind, text, extra, path } of markupOf(step)) {
    const compiled = kind === 'xpath' ? evaluators.xpath(text, extra) : evaluators.selector(text);
    if (compiled.ok) continue;
    const allowed =
      kind === 'xpath' ? 'an XPath 1.0 expression without {{ }}' : 'a CSS selector without {{ }}';
    report(
      path,
      `${text}: ${compiled.reason}`,
      allowed,
      `correct the ${kind === 'xpath' ? 'path' : 'selector'}`,
    );
  }
  for (const { matcher, path } of schemasOf(step)) {
    const compiled = evaluators.schema(matcher);
    if (compiled.ok) continue;
    const allowed =
      'a JSON Schema (2020-12, or draft-07 by its $schema) without unknown keywords and remote $ref';
    report(path, `${matcher.file ?? 'the schema'}: ${compiled.reason}`, allowed, 'correct the schema');
  }
  for (const { text, path } of operationsOf(step))
    checkOperation(step, text, evaluators, report.bind(null, path));
  for (const { value, path } of numbersOf(step)) {
    if (!isInexact(value)) continue;
    const got = `the number ${value}, whose last digits are lost`;
    report(path, got, 'whole numbers up to 2^53 - 1', 'compare it as text with body.contains');
  }
}

/** That an operation is described, and is what the step asks for. */
function checkOperation(step: SuiteStep, name: string, { operation }: Evaluators, report: ReportHere): void {
  const compiled = operation(name);
  if (!compiled) {
    const allowed = 'an OpenAPI document at the top of the suite';
    return report(`openapi: ${name}, and no document`, allowed, 'add  openapi: path/of/openapi.yaml  there');
  }
  if (!compiled.ok) {
    const { reason, didYouMean } = compiled;
    const fix = didYouMean ? `write openapi: ${didYouMean}` : 'correct the operation, or the document';
    return report(reason, 'an operation of the document, as it can be checked', fix, didYouMean);
  }
  const { method, path } = compiled.operation;
  const asked = step.http && { method: methodOf(step.http), url: step.http.url };
  if (!asked || (asked.method === method && isUrlOf(path, asked.url))) return;
  const got = `${name}, which is ${method} ${path}, of a step that asks ${asked.method} ${hidingUser(asked.url)}`;
  report(got, 'the operation that the step asks for', 'name its operation, or correct the request');
}

/** What is wrong with the probe itself, as far as it can be told before its references are filled in. */
export function checkProbe(step: SuiteStep, hasBaseUrl: boolean, report: ReportProblem): void {
  for (const probe of Object.keys(schemes) as (keyof typeof schemes)[]) {
    const url = step[probe]?.url;
    if (url !== undefined) checkAddress(probe, url, hasBaseUrl, report);
  }
  if (step.grpc && !/^(https?:\/\/|\{\{)/i.test(step.grpc.url)) {
    const allowed = 'https://host:port, or http://host:port for HTTP/2 without TLS';
    report(
      ['grpc', 'url'],
      JSON.stringify(hidingUser(step.grpc.url)),
      allowed,
      'write https:// before the host',
    );
  }
  if (step.sql && !/^((postgres(ql)?|mysql|mariadb):\/\/|\{\{)/i.test(step.sql.url)) {
    const allowed = 'an address that starts with postgresql:// or mysql://';
    // The address may hold a password.
    report(['sql', 'url'], 'another address', allowed, 'write postgresql://user@host/database');
  }
  for (const { got, path, fix } of unfilledOf(step)) {
    const allowed = 'text without {{ }}: values are handed over apart, so that none can change its meaning';
    report(path, got, allowed, fix);
  }
}

/** Schemes of the probes whose addresses may be paths below the base address. */
const schemes = { http: 'http', sse: 'http', browser: 'http', websocket: 'ws' } as const;

function checkAddress(
  probe: keyof typeof schemes,
  url: string,
  hasBaseUrl: boolean,
  report: ReportProblem,
): void {
  const path = [probe, 'url'];
  const scheme = schemes[probe];
  if (isRelative(url)) {
    if (hasBaseUrl) return;
    const allowed = 'a base-url in the suite or as input';
    report(path, `${url} without a base address`, allowed, 'set the input "base-url"');
  } else if (!new RegExp(`^(${scheme}s?://|\\{\\{)`, 'i').test(url)) {
    const allowed = `a path that starts with /, or ${scheme}:// or ${scheme}s://`;
    report(path, JSON.stringify(hidingUser(url)), allowed, fixOf(url));
  }
}

/** What to write instead of an address of another kind. */
function fixOf(url: string): string {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url) ?? [];
  if (scheme === undefined) return `write /${hidingUser(url)}`;
  return /^wss?$/i.test(scheme)
    ? 'make it a step of websocket'
    : 'make it a step of another kind, such as http, websocket, tcp or sql';
}
