import type { PlainMap, PlainValue } from '../expression/expression-data.js';
import type { Scope } from '../expression/expressions.js';
import { positions } from '../expression/positions.js';
import type { WorkflowReader } from '../workflow-reader.js';
import { combinationsOf, MatrixProblem } from './combinations.js';
import { legsOf, type Leg } from './leg.js';
import { evaluateTree, isLiteral, readTree, type ValueTree } from './value-tree.js';

/** `strategy` of a job as it is written. */
export interface Strategy {
  value: ValueTree;
  line: number;
}

/** The jobs that a strategy makes; none at all where it has no matrix. */
export interface Legs {
  legs: Leg[] | undefined;
  failFast: boolean;
  maxParallel: number | undefined;
}

/** GitHub docs, "Workflow syntax: jobs.<job_id>.strategy.matrix". */
const most = 256;

function legsIn(value: PlainValue, job: string): Legs {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MatrixProblem(
      Array.isArray(value) ? 'A sequence was not expected' : `Unexpected value '${String(value ?? '')}'`,
    );
  const { 'fail-fast': failFast = true, 'max-parallel': maxParallel, matrix, ...others } = value as PlainMap;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new MatrixProblem(`Unexpected value '${other}'`);
  if (typeof failFast !== 'boolean')
    throw new MatrixProblem(`fail-fast: Unexpected value '${String(failFast)}'`);
  if (maxParallel !== undefined && typeof maxParallel !== 'number')
    throw new MatrixProblem(`max-parallel: Unexpected value '${String(maxParallel)}'`);
  const given = {
    failFast,
    maxParallel: maxParallel !== undefined && maxParallel >= 1 ? Math.floor(maxParallel) : undefined,
  };
  if (matrix === undefined) return { ...given, legs: undefined };
  const combinations = combinationsOf(matrix);
  if (combinations.length > most) {
    throw new MatrixProblem(
      `Strategy for job '${job}' produced ${combinations.length} configurations which exceeds the maximum of ${most} configurations`,
    );
  }
  if (combinations.length === 0)
    throw new MatrixProblem(
      `The matrix of job '${job}' has no combination left: exclude takes them all away`,
    );
  return { ...given, legs: legsOf(combinations, given) };
}

/** Reads `strategy`; a matrix without expressions is made at once, so that what is wrong with it stops the run. */
export function readStrategy(reader: WorkflowReader, at: PropertyKey[], value: unknown): Strategy {
  const tree = readTree(reader, at, value, positions.strategy);
  if (isLiteral(tree)) {
    try {
      legsIn(evaluateTree(tree, { contexts: {} }), String(at[1]));
    } catch (error) {
      if (!(error instanceof MatrixProblem)) throw error;
      reader.problem(at, error.message);
    }
  }
  return { value: tree, line: reader.line(at) };
}

/** The jobs of a strategy in a run; throws what GitHub says of a matrix that cannot be made. */
export function evaluateStrategy({ value }: Strategy, scope: Scope, job: string): Legs {
  return legsIn(evaluateTree(value, scope), job);
}
