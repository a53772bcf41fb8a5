import type { Stage } from '../../shared/contracts/reports/hotfix-report.js';

/** A job or run that ended, with its whole name such as "Hotfix / Scan / Secrets". Epoch milliseconds. */
export interface EndedJob {
  name: string;
  from: number;
  to: number;
}

/** Parts of a stage: a called workflow is one, from its first job to its last. They may run at the same time. */
export function partsOf(jobs: readonly EndedJob[]): Stage[] {
  const spans = new Map<string, { from: number; to: number }>();
  for (const { name, from, to } of jobs) {
    const names = name.split(' / ');
    const part = names.length > 2 ? names.slice(1, -1).join(' / ') : names.at(-1)!;
    const known = spans.get(part);
    spans.set(part, { from: Math.min(from, known?.from ?? from), to: Math.max(to, known?.to ?? to) });
  }
  return [...spans].map(([part, { from, to }]) => ({
    name: `· ${part}`,
    seconds: secondsOf(from, to),
    target: null,
    note: '',
  }));
}

export const secondsOf = (from: number, to: number) => Math.max(0, Math.round((to - from) / 1000));
