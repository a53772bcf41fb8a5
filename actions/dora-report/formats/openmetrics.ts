import type { DoraReport, Durations, Measures } from '../../../shared/contracts/reports/dora-report.js';
import { at } from '../metrics/units.js';

interface Sample {
  labels: Record<string, string>;
  value: number | null;
}

interface Family {
  name: string;
  unit?: 'seconds' | 'ratio';
  help: string;
  of: (measures: Measures) => Sample[];
}

const one = (value: number | null): Sample[] => [{ labels: {}, value }];
const seconds = (hours: number | null) => (hours === null ? null : hours * 3_600);

function spread({
  mean,
  p50,
  p75,
  p90,
  p95,
}: Pick<Durations, 'mean' | 'p50' | 'p75' | 'p90' | 'p95'>): Sample[] {
  return Object.entries({ mean, p50, p75, p90, p95 }).map(([stat, hours]) => ({
    labels: { stat },
    value: seconds(hours),
  }));
}

/** Names of all families, for dashboards to ask for. */
export const families: readonly Family[] = [
  {
    name: 'dora_lead_time_seconds',
    unit: 'seconds',
    help: 'Change lead time of the window.',
    of: (m) => spread(m.leadTime),
  },
  {
    name: 'dora_deployments',
    help: 'Successful deployments of the window.',
    of: (m) => one(m.frequency.n),
  },
  {
    name: 'dora_deployments_per_day',
    help: 'Deployments per calendar day that there are data for.',
    of: (m) => one(m.frequency.perDay),
  },
  {
    name: 'dora_change_fail_ratio',
    unit: 'ratio',
    help: 'Share of deployments that failed.',
    of: (m) => one(m.changeFailRate.value),
  },
  {
    name: 'dora_failed_deployments',
    help: 'Deployments of the window that failed.',
    of: (m) => one(m.changeFailRate.hits),
  },
  {
    name: 'dora_recovery_seconds',
    unit: 'seconds',
    help: 'Failed deployment recovery time of the window.',
    of: (m) => spread(m.recovery),
  },
  {
    name: 'dora_open_failures',
    help: 'Failed deployments that are not recovered from.',
    of: (m) => one(m.recovery.open.length),
  },
  {
    name: 'dora_time_to_restore_seconds',
    unit: 'seconds',
    help: 'Time from the opening of an incident to its closing.',
    of: (m) => spread(m.timeToRestore),
  },
  {
    name: 'dora_incident_open_seconds',
    unit: 'seconds',
    help: 'Time of the window in which any incident was open.',
    of: (m) => one(seconds(m.incidentOpen?.hours ?? null)),
  },
  {
    name: 'dora_rework_ratio',
    unit: 'ratio',
    help: 'Share of deployments that were unplanned work on a failure.',
    of: (m) => one(m.reworkRate.value),
  },
  {
    name: 'dora_stage_seconds',
    unit: 'seconds',
    help: 'Time of pull requests in each stage on their way to production.',
    of: (m) =>
      (m.valueStream?.stages ?? []).flatMap((stage) =>
        spread(stage).map(({ labels, value }) => ({ labels: { stage: stage.name, ...labels }, value })),
      ),
  },
];

/** The figures in OpenMetrics 1.0 text: each service, and `all` of them. No sample where there is no value. */
export function openMetricsOf({ question, total, services, facts }: DoraReport): string {
  const measured = [{ ...total, service: 'all' }, ...services];
  const lines = families.flatMap(({ name, unit, help, of }) => [
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
    ...measured.flatMap((measures) =>
      of(measures).flatMap(({ labels, value }) => {
        if (value === null) return [];
        const all = { environment: question.environment, service: measures.service, ...labels };
        return [`${name}{${Object.entries(all).map(label).join(',')}} ${value}`];
      }),
    ),
  ]);
  const read = [
    '# TYPE dora_report_timestamp_seconds gauge',
    '# UNIT dora_report_timestamp_seconds seconds',
    '# HELP dora_report_timestamp_seconds When the report was made.',
    `dora_report_timestamp_seconds{environment=${quote(question.environment)}} ${at(facts.readAt) / 1_000}`,
  ];
  return `${[...lines, ...read, '# EOF'].join('\n')}\n`;
}

const label = ([name, value]: [string, string]) => `${name}=${quote(value)}`;
const quote = (text: string) =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`;
