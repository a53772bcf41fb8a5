import { fillText } from '../values/interpolate.js';
import type { LoadedFlow, LoadedSuite } from '../suite/loaded-suite.js';
import { planSteps } from './plan-steps.js';
import type { PlannedFlow, PlannedIsolation } from './planned.js';
import { createScope, type SuiteValues } from '../values/scope.js';

type Redact = (text: string) => string;

/** Longest label of a row in the name of its flow, in characters. */
const labelLength = 40;

/**
 * Every run of every flow: one for each row and each tenant. Runs of one flow share their steps. `redact` takes secrets
 * out of texts.
 */
export function expandFlows(suite: LoadedSuite, values: SuiteValues, redact: Redact): PlannedFlow[] {
  const tenants = tenantsOf(suite, values);
  return suite.flows.flatMap((loaded) =>
    expandFlow(loaded, loaded.flow['each-tenant'] ? tenants : undefined, redact),
  );
}

function expandFlow(
  { flow, source, at, rows }: LoadedFlow,
  tenants: PlannedIsolation['tenants'] | undefined,
  redact: Redact,
): PlannedFlow[] {
  const written: PlannedFlow = {
    name: flow.name,
    written: flow.name,
    file: source.file,
    line: source.placeOf(at)?.line,
    given: {},
    timeoutMs: flow.timeout,
    before: planSteps(flow.before, 'before', source, [...at, 'before']),
    steps: planSteps(flow.steps, 'test', source, [...at, 'steps']),
    after: planSteps(flow.after, 'after', source, [...at, 'after']),
  };
  const byRow = !rows
    ? [written]
    : rows.map((row, index) => ({
        ...written,
        name: `${flow.name} [${index + 1}: ${label(Object.values(row.values)[0], redact)}]`,
        row: { number: index + 1, file: row.file, line: row.line },
        given: prefixed('row', row.values),
      }));
  if (!tenants) return byRow;
  return byRow.flatMap((run) =>
    tenants.map(({ name, values }) => ({
      ...run,
      name: `${run.name} (${name})`,
      tenant: name,
      given: { ...run.given, ...prefixed('tenant', values) },
    })),
  );
}

/** A value in few characters, without secrets: those are taken out first, so that none is cut in two. */
function label(value: unknown, redact: Redact): string {
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const text = redact(written).replace(/\s+/g, ' ');
  return text.length > labelLength ? `${text.slice(0, labelLength)}…` : text;
}

/** Values as they are referred to, `row.sku`. */
export function prefixed(kind: string, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}.${name}`, value]));
}

/** The isolation part of a suite, ready to run. */
export function planIsolation(suite: LoadedSuite, values: SuiteValues): PlannedIsolation | undefined {
  const { isolation } = suite.value;
  if (!isolation) return undefined;
  return {
    tenants: tenantsOf(suite, values),
    file: suite.file,
    line: suite.placeOf(['isolation'])?.line,
    own: planSteps(isolation.own, 'before', suite, ['isolation', 'own']),
    others: planSteps(isolation.others, 'test', suite, ['isolation', 'others']),
    after: planSteps(isolation.after, 'after', suite, ['isolation', 'after']),
  };
}

/** Tenants with their values filled in and their name among them. */
function tenantsOf({ value }: LoadedSuite, values: SuiteValues): PlannedIsolation['tenants'] {
  const { lookup } = createScope(values, () => 0, 0);
  return Object.entries(value.tenants ?? {}).map(([name, texts]) => ({
    name,
    values: {
      ...Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, fillText(text, lookup)])),
      name,
    },
  }));
}
