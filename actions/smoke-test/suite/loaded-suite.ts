import type { Place } from '../../../shared/config/lines.js';
import type { Row } from './rows.js';
import type { Flow, Suite, SuiteStep } from './schema/schema.js';

/** A file of a suite: its name for messages, and where everything stands in it. */
export interface Source {
  file: string;
  /** The whole file as it is written. */
  text: string;
  placeOf(path: readonly PropertyKey[]): Place | undefined;
}

/** A flow as it is written, where it stands, and its rows of data. */
export interface LoadedFlow {
  flow: Flow;
  source: Source;
  at: readonly PropertyKey[];
  rows: Row[] | undefined;
}

/** Steps that share a scope and run in the order of the lists: what one captures, the next may use. */
export interface StepGroup {
  source: Source;
  lists: { steps: readonly SuiteStep[]; at: readonly PropertyKey[] }[];
  /** References that the group may make besides those every step may make. */
  further: readonly string[];
  /** What must be unlike the names captured here. */
  taken: readonly string[];
}

/** A suite with everything it includes. */
export interface LoadedSuite extends Source {
  value: Suite;
  /** Default values of all files; a file that includes wins over what it includes. */
  variables: Readonly<Record<string, string>>;
  /** Where each of them is written, for problems. */
  variablePlaces: ReadonlyMap<string, Source>;
  flows: LoadedFlow[];
  /** All its steps, by what they share. */
  groups: StepGroup[];
}
