/** Keys of a criterion as they stand in the file; what the file says itself goes first. */
export interface Preset {
  failWhen: string;
  for: string;
  by?: string;
  minRequests?: number;
  judge?: 'mann-whitney';
}

/** Release rules and alert rules that teams write again and again, by name. */
export const presets = {
  /** More than 5 % errors for two minutes: the usual rule of a release. */
  'errors-2m': { failWhen: 'error-rate > 5 %', for: '2m', minRequests: 50 },
  /** The same for five minutes, as the alert HighErrorRate has it. */
  'errors-5m': { failWhen: 'error-rate > 5 %', for: '5m', minRequests: 50 },
  /** In any route: one that few people use fails too. */
  'errors-any-route': { failWhen: 'error-rate > 5 %', for: '5m', by: 'route', minRequests: 50 },
  /** Half as slow again as before. */
  'slower-by-half': { failWhen: 'latency > 150 % of baseline', for: '5m' },
  'slower-by-half-ranks': { failWhen: 'latency > 150 % of baseline', for: '5m', judge: 'mann-whitney' },
  /** A tenant saw what belongs to another one: at once. */
  'tenant-isolation': { failWhen: 'violations > 0', for: '' },
  /** The alert HighLatency: the source gives the 95th percentile. */
  'latency-1s': { failWhen: 'latency > 1s', for: '5m' },
  /** The alert DatabaseConnectionPoolExhausted. */
  'pool-exhausted': { failWhen: 'saturation > 90 %', for: '2m' },
  /** The alert CeleryQueueBacklog. */
  'queue-backlog': { failWhen: 'value > 1000', for: '10m' },
  /** A process that starts again and again. */
  'crash-loop': { failWhen: 'restarts > 0', for: '' },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

export const presetNames = Object.keys(presets) as [PresetName, ...PresetName[]];
