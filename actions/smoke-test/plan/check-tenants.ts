import { suggest } from '../../../shared/text/suggest.js';
import type { ReportProblem } from './report-problem.js';
import { parseTemplate } from '../values/interpolate.js';
import type { LoadedSuite } from '../suite/loaded-suite.js';
import { referencesOf } from '../suite/references.js';

/**
 * Finds what makes tenants or the proof of their isolation mean nothing; gives the references that tenants' values
 * make.
 */
export function checkTenants(suite: LoadedSuite, known: readonly string[], report: ReportProblem): string[] {
  const { tenants, isolation } = suite.value;
  const names = Object.keys(tenants ?? {});
  if (!tenants && isolation)
    report(
      ['isolation'],
      'isolation without tenants',
      'two tenants or more',
      'add "tenants:" with their values',
    );
  if (tenants && !isolation && names.length === 0)
    report(
      ['tenants'],
      'no tenant',
      'one tenant or more',
      'add one: a flow that runs once for each would not run',
    );
  if (tenants && isolation && names.length < 2)
    report(
      ['tenants'],
      `${names.length} tenants`,
      'two tenants or more',
      'add a tenant: isolation is between two',
    );
  if (tenants && !isolation && !suite.flows.some(({ flow }) => flow['each-tenant']))
    report(
      ['tenants'],
      'tenants that nothing uses',
      'isolation, or a flow with each-tenant: true',
      'add one of them, or remove the tenants',
    );
  if (isolation) checkOthers(suite, report);
  return tenants ? checkValues(tenants, known, report) : [];
}

function checkValues(
  tenants: Readonly<Record<string, Readonly<Record<string, string>>>>,
  known: readonly string[],
  report: ReportProblem,
): string[] {
  const used: string[] = [];
  const columns = Object.keys(Object.values(tenants)[0] ?? {});
  for (const [tenant, values] of Object.entries(tenants)) {
    const at = ['tenants', tenant];
    const odd =
      columns.find((name) => !Object.hasOwn(values, name)) ??
      Object.keys(values).find((name) => !columns.includes(name));
    if (odd !== undefined)
      report(
        at,
        `${tenant} ${Object.hasOwn(values, odd) ? 'with' : 'without'} ${odd}`,
        `the same names for every tenant: ${columns.join(', ')}`,
        `give every tenant a ${odd}, or none`,
      );
    if (Object.hasOwn(values, 'name'))
      report(
        [...at, 'name'],
        'the reserved name name',
        'another name',
        'rename it: {{ tenant.name }} is the name of the tenant',
      );
    for (const [name, text] of Object.entries(values)) {
      const template = parseTemplate(text);
      if (!template.ok) {
        report([...at, name], template.got, '{{ name }} with a name between the braces', template.fix);
        continue;
      }
      for (const part of template.parts) {
        if ('literal' in part) continue;
        used.push(part.reference);
        if (known.includes(part.reference)) continue;
        const didYouMean = suggest(part.reference, known);
        report(
          [...at, name],
          `{{ ${part.reference} }}, which has no value here`,
          known.join(', ') || 'a variable or a secret',
          'use a variable, env or secret of the suite',
          didYouMean,
        );
      }
    }
  }
  return used;
}

function checkOthers({ value }: LoadedSuite, report: ReportProblem): void {
  value.isolation!.others.forEach((step, index) => {
    const at = ['isolation', 'others', index];
    if (!referencesOf(step).some((reference) => reference.startsWith('other.')))
      report(
        at,
        'a step without {{ other.NAME }}',
        'a step that tries to reach what another tenant has',
        'use what "own" captures, e.g. {{ other.id }}',
      );
    if (step.capture)
      report(
        [...at, 'capture'],
        'a capture',
        'no capture here',
        'remove it: what others are refused cannot be captured',
      );
    if (step.until)
      report(
        [...at, 'until'],
        'until',
        'one look',
        'remove it: trying again until it is refused would hide a leak',
      );
    if (step.todo)
      report(
        [...at, 'todo'],
        'a step that is not complete',
        'steps that are sent',
        'complete it, or remove it',
      );
    if (step.retry?.on.some((kind) => kind !== 'network'))
      report(
        [...at, 'retry'],
        `retry on ${step.retry.on.join(', ')}`,
        'on: [network]',
        'write on: [network]: trying again until it is refused would hide a leak',
      );
  });
}
