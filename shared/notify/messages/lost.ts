import type { News, Setting } from '../message.js';

/** Jobs whose runner can die before it told anybody; a later job tells it for them. */
export const losable = ['watch', 'check', 'rollback', 'reconcile', 'exercise'] as const;

export type Lost = (typeof losable)[number];

/** What people are told of a job that ended without a word. Traffic may be anywhere: that is never good news. */
export function tellLost(job: Lost, ended: string | undefined, setting: Setting): News {
  const { service, environment, now } = setting;
  const place = `${service ?? 'a service'}${environment === undefined ? '' : ` in ${environment}`}`;
  const { title, next, severity } = words[job];
  return {
    tone: job === 'rollback' ? 'incident' : 'failure',
    title: title(place),
    body: `Its runner died, or was lost, before it told anybody${ended === undefined ? '' : `; GitHub says that the job ended with ${ended}`}.`,
    next,
    changed: true,
    since: now,
    facts: { Job: job },
    page: { action: 'trigger', severity, of: 'release' },
  };
}

const status = 'run blue-green-switch in mode status: it shows what is live and changes nothing';

const words: Record<
  Lost,
  { title: (place: string) => string; next: string; severity: 'critical' | 'error' | 'warning' }
> = {
  watch: {
    title: (place) => `Nobody watches ${place}: the watch broke off`,
    next: 'Look at the metrics now. If the release is bad, start the workflow Rollback; if it is well, run the watch again.',
    severity: 'error',
  },
  check: {
    title: (place) => `The scheduled check of ${place} broke off`,
    next: `Look at the metrics: until the next run, which judges this time too, nobody does. Whether it was rolling back is not known: ${status}.`,
    severity: 'error',
  },
  rollback: {
    title: (place) => `The rollback of ${place} broke off: users may still get the bad release`,
    next: `At once, ${status}. If the bad release has traffic, start the workflow Rollback again; where GitHub is not well, take it back from a laptop: rollback --break-glass.`,
    severity: 'critical',
  },
  reconcile: {
    title: (place) => `Mode reconcile of ${place} broke off`,
    next: `Run the workflow Reconcile again: what dead runs left may still be there. To look first, ${status}.`,
    severity: 'warning',
  },
  exercise: {
    title: (place) => `The exercise with ${place} broke off: its fault may still be there`,
    next: `Run deploy/fault stop yourself, as the job "End the fault" of this run names it. Then ${status}: the release may have gone back.`,
    severity: 'error',
  },
};
