import * as z from 'zod';
import type { MetricSource, SourceKind, SourcePorts } from './source.js';
import { probe } from './sources/probe.js';
import { prometheusText } from './sources/prometheus-text.js';

/** Every kind of metric source; one line each. */
const kinds = [prometheusText, probe] as const;

type Schemas<Kinds> = {
  -readonly [I in keyof Kinds]: Kinds[I] extends SourceKind<infer Schema> ? Schema : never;
};

export const sourceSchema = z.discriminatedUnion(
  'type',
  kinds.map(({ schema }) => schema) as Schemas<typeof kinds>,
);

export type SourceConfig = z.output<typeof sourceSchema>;

/** Opens a source for the release that is judged. */
export function openSource(config: SourceConfig, ports: SourcePorts): MetricSource {
  const kind = kinds.find(({ schema }) => schema.shape.type.value === config.type)!;
  return kind.open(config as never, ports);
}
