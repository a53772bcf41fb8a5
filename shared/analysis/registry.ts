import * as z from 'zod';
import type { Plan } from '../contracts/reports/analysis-report.js';
import type { Gives, MetricSource, SourceKind, SourcePorts } from './source.js';
import { json } from './sources/json.js';
import { probe } from './sources/probe.js';
import { prometheus } from './sources/prometheus/prometheus.js';
import { prometheusText } from './sources/prometheus-text.js';
import { smokeReport } from './sources/smoke-report.js';

/** Every kind of metric source; one line each. */
const kinds = [prometheusText, prometheus, json, probe, smokeReport] as const;

type Schemas<Kinds> = {
  -readonly [I in keyof Kinds]: Kinds[I] extends SourceKind<infer Schema> ? Schema : never;
};

export const sourceSchema = z.discriminatedUnion(
  'type',
  kinds.map(({ schema }) => schema) as Schemas<typeof kinds>,
);

export type SourceConfig = z.output<typeof sourceSchema>;

const kindOf = (config: SourceConfig) =>
  kinds.find(({ schema }) => schema.shape.type.value === config.type)! as unknown as SourceKind<
    (typeof kinds)[number]['schema']
  >;

/** What a source gives. */
export const givesOf = (config: SourceConfig): Gives => kindOf(config).gives(config);

/** Why a source cannot answer for the past; undefined when it can. */
export const noPastOf = (config: SourceConfig): string | undefined => kindOf(config).noPast(config);

/** Opens a source for the release that is judged. */
export const openSource = (config: SourceConfig, ports: SourcePorts): MetricSource =>
  kindOf(config).open(config, ports);

/** Opens all sources of a plan; each learns the labels by which criteria judge it. */
export function openSources(
  sources: Readonly<Record<string, SourceConfig>>,
  { criteria, contain }: Pick<Plan, 'criteria' | 'contain'>,
  ports: Omit<SourcePorts, 'by'>,
): Record<string, MetricSource> {
  return Object.fromEntries(
    Object.entries(sources).map(([name, config]) => {
      const by = new Set(
        criteria.flatMap((one) => (one.source === name && one.by !== undefined ? [one.by] : [])),
      );
      if (contain?.source === name) by.add(contain.by);
      return [name, openSource(config, { ...ports, by: [...by] })];
    }),
  );
}
