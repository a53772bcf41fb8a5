import type * as z from 'zod';
import type { Annotation } from '../report/annotation.js';
import type { Host } from './host.js';

/** What an action did. `ok: false` fails the step and `message` is then its one-sentence reason. */
export interface Outcome<Outputs, Report> {
  ok: boolean;
  message: string;
  outputs: Partial<Outputs>;
  report: Report;
  annotations?: Annotation[];
  /** Further files to write beside the report, by the output that carries their path. */
  files?: Record<string, { name: string; text: string }>;
}

/** An action as data: its inputs and outputs by schema, what it does, and how its report reads. */
export interface ActionDefinition<
  Inputs extends z.ZodObject = z.ZodObject,
  Outputs extends z.ZodObject = z.ZodObject,
  Report = unknown,
> {
  /** Folder name, and the name in logs. */
  name: string;
  title: string;
  description: string;
  branding: { icon: string; color: string };
  inputs: Inputs;
  /** Every action has `result` and `report`; the others are its own. All values are strings. */
  outputs: Outputs;
  run(inputs: z.output<Inputs>, host: Host): Promise<Outcome<z.output<Outputs>, Report>>;
  /** Outputs of a step that stopped with an error, beside `result` and `report`; none when not given. */
  outputsOfError?(message: string): Partial<z.output<Outputs>>;
  /** Pure: the job summary in markdown. */
  render(report: Report): string;
  /** Runs after the job, whatever became of it; undefined means there was nothing to do. */
  post?(host: Host): Promise<Outcome<z.output<Outputs>, Report> | undefined>;
}

/** Ties the parts of an action together for the type checker. */
export function defineAction<I extends z.ZodObject, O extends z.ZodObject, R>(
  definition: ActionDefinition<I, O, R>,
): ActionDefinition<I, O, R> {
  return definition;
}
