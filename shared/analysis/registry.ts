import * as z from 'zod';
import type { HttpClient } from '../http/types.js';
import type { Clock } from '../time/clock.js';
import type { MetricSource, Subject } from './source.js';
import { openProbe, probeSchema } from './sources/probe.js';
import { openPrometheusText, prometheusTextSchema } from './sources/prometheus-text.js';

/** Every kind of metric source; one line each here and one case below. */
export const sourceSchema = z.discriminatedUnion('type', [prometheusTextSchema, probeSchema]);

export type SourceConfig = z.output<typeof sourceSchema>;

/** Opens a source for the release that is judged. */
export function openSource(
  config: SourceConfig,
  ports: { http: HttpClient; clock: Clock; subject: Subject },
): MetricSource {
  switch (config.type) {
    case 'prometheus-text':
      return openPrometheusText(config, ports);
    case 'probe':
      return openProbe(config, ports);
  }
}
