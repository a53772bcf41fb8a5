import type { Budgets, FlowBudget } from '../suite/schema/budget-schema.js';
import type { CompiledEvaluators } from '../judge/judging.js';
import type { Row } from '../suite/rows.js';
import type { SuiteStep } from '../suite/schema/schema.js';
import type { SuiteValues } from '../values/scope.js';

/** A step ready to run, with its place in the suite file. */
export interface PlannedStep {
  name: string;
  phase: 'before' | 'test' | 'after';
  step: SuiteStep;
  file: string;
  /** Line of a path inside the step, or of the nearest thing above it. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
  /** What the author wrote at a path inside the step, on one line. */
  writtenAt(path: readonly PropertyKey[]): string | undefined;
}

/** One run of a flow: of one row and one tenant, where it has them. */
export interface PlannedFlow {
  name: string;
  /** The name as written, which all rows and tenants share. */
  written: string;
  file: string;
  line: number | undefined;
  /** Further values by reference: `row.sku`, `tenant.token`. */
  given: Readonly<Record<string, unknown>>;
  row?: { number: number } & Pick<Row, 'file' | 'line'>;
  tenant?: string;
  timeoutMs: number | undefined;
  before: PlannedStep[];
  steps: PlannedStep[];
  after: PlannedStep[];
}

/** A limit on the 95th percentile of some answers, in milliseconds; of all of them when `flow` is undefined. */
export interface PlannedBudget {
  flow: string | undefined;
  p95Ms: FlowBudget['p95'];
  file: string;
  line: number | undefined;
}

/** The proof that tenants do not reach each other. */
export interface PlannedIsolation {
  tenants: { name: string; values: Readonly<Record<string, string>> }[];
  file: string;
  line: number | undefined;
  own: PlannedStep[];
  others: PlannedStep[];
  after: PlannedStep[];
}

/** A suite in which every name has a value and every evaluator compiles. */
export interface Plan {
  name: string;
  file: string;
  baseUrl: string | undefined;
  version: string | undefined;
  values: SuiteValues;
  timeoutMs: number | undefined;
  before: PlannedStep[];
  flows: PlannedFlow[];
  /** Names of the flows that were not chosen. */
  leftOut: readonly string[];
  isolation: PlannedIsolation | undefined;
  after: PlannedStep[];
  budgets: PlannedBudget[];
  /** How many flows may fail. */
  tolerated: NonNullable<Budgets['failures']>;
  evaluators: CompiledEvaluators;
  /** Files that steps send, by the part that names them. */
  files: ReadonlyMap<object, Uint8Array>;
}
