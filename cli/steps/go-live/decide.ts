import type { ReleaseKind } from '../../../shared/contracts/deployment.js';
import type { GoLivePlan, GoLiveService } from '../../../shared/contracts/reports/go-live-report.js';
import { ranks } from './plan-file.js';
import type { Known } from './resolve.js';

/** A job of this run; instants in epoch milliseconds. */
export interface Job {
  name: string;
  /** Undefined while it runs. */
  conclusion: string | undefined;
  startedAt: number | undefined;
  completedAt: number | undefined;
}

/** What has the traffic of a service now. */
export interface Live {
  deployment: number;
  version: string;
  digest: string;
  kind: ReleaseKind;
  schema: string | undefined;
  /** Schema of the release that it replaced, to which it would go back. */
  schemaBefore: string | undefined;
  /** Whether it is what this run released. */
  own: boolean;
}

/** A service of the plan and what the ledger says of it. */
export interface Service {
  planned: GoLiveService;
  live: Known<Live>;
  /** What this go-live's release of it had: traffic, traffic that was taken away again, or none. */
  had: 'none' | 'traffic' | 'rolled-back';
}

export type State =
  'released' | 'already-live' | 'stopped' | 'rolled-back' | 'live' | 'not-started' | 'unknown';

/** What became of a service, and why. */
export interface Standing {
  service: Service;
  is: State;
  why: string;
}

/** Names of jobs, as go-live.yml makes them of the plan. */
export const jobNames = {
  rank: ({ rank, service }: GoLiveService) => `Rank ${rank}: ${service}`,
  cdn: ({ service }: GoLiveService) => `CDN: ${service}`,
  back: ({ rank, service }: GoLiveService) => `Back ${rank}: ${service}`,
  database: (service: string) => `Database: ${service}`,
  verify: 'Verify',
} as const;

/** The jobs of one stage; those of a called workflow have its name in front, and the caller's before that. */
export const jobsOf = (jobs: readonly Job[], stage: string): Job[] =>
  jobs.filter(({ name }) => name.split(' / ').includes(stage));

export const isGreen = (jobs: readonly Job[]): boolean =>
  jobs.some(({ conclusion }) => conclusion === 'success') &&
  jobs.every(({ conclusion }) => conclusion === 'success' || conclusion === 'skipped');

const last = (name: string) => name.split(' / ').at(-1);

/** What became of one service, by its jobs and by the ledger: neither is believed alone. */
export function standingOf(service: Service, jobs: readonly Job[]): Standing {
  const { planned, live, had } = service;
  const own = jobsOf(jobs, jobNames.rank(planned));
  const say = (is: State, why = ''): Standing => ({ service, is, why });
  if (live.is === 'unknown') return say('unknown', live.reason);
  const now = live.value;
  const isLive = now?.own === true;
  // A hotfix that went out meanwhile is no failure of this go-live, and nothing has to go back for it.
  const since = now && now.kind !== 'rollback' ? `${now.version} replaced it since` : undefined;
  if (planned.live && own.length === 0) {
    if (now?.digest === planned.digest) return say('already-live');
    return since
      ? say('already-live', since)
      : say('rolled-back', 'it was live before, and was rolled back meanwhile');
  }
  if (own.length === 0) return say(isLive ? 'live' : 'not-started', isLive ? 'its jobs are not known' : '');
  const released = ['Release', 'Watch'].every((name) =>
    own.some((job) => last(job.name) === name && job.conclusion === 'success'),
  );
  const well = released && isGreen(own);
  const red = own.filter(({ conclusion }) => conclusion !== 'success' && conclusion !== 'skipped');
  const why =
    red.length > 0 ? `not green: ${red.map(({ name }) => last(name)).join(', ')}` : 'nobody watched it';
  if (!isLive) {
    if (had === 'rolled-back') return say('rolled-back', why);
    if (had === 'traffic' && since)
      return well && hasClearCdn(planned, jobs)
        ? say('released', since)
        : say('unknown', `${well ? notClear : why}; ${since}`);
    return well
      ? say('unknown', 'its jobs are green, and the ledger does not have it live')
      : say('stopped', why);
  }
  if (!well) return say('live', why);
  return hasClearCdn(planned, jobs) ? say('released') : say('live', notClear);
}

const notClear = 'its CDN was not cleared, or what comes through it is not well';
const hasClearCdn = (planned: GoLiveService, jobs: readonly Job[]) =>
  !planned.cdn || isGreen(jobsOf(jobs, jobNames.cdn(planned)));

/** How one service is to go back. */
export interface WayBack {
  service: string;
  environment: string;
  deployment: string;
  strategy: string;
  /** Empty where no migration is reversed. */
  'reverse-schema': string;
  cdn: boolean;
}

export interface Decision {
  standings: readonly Standing[];
  /** Whether all of it went well. */
  well: boolean;
  /** By rank; the highest goes first. */
  back: Record<number, WayBack[]>;
  /** Services whose CDN still has what is not live any more. */
  stale: { service: string; environment: string }[];
  notes: string[];
}

const failed: readonly State[] = ['stopped', 'rolled-back', 'live', 'unknown'];

/** What has to go back, in which way: only what this go-live released and what the ledger has live. */
export function decide(plan: GoLivePlan, services: readonly Service[], jobs: readonly Job[]): Decision {
  const standings = services.map((service) => standingOf(service, jobs));
  const database = plan.database && isGreen(jobsOf(jobs, jobNames.database(plan.database.service)));
  const verified = plan.verify === undefined || isGreen(jobsOf(jobs, jobNames.verify));
  const well =
    database !== false && verified && standings.every(({ is }) => is === 'released' || is === 'already-live');
  const chosen = well ? [] : chooseBack(plan, standings);
  const notes: string[] = [];
  const reversal = reverses(plan, standings, chosen, notes);
  const back = Object.fromEntries(ranks.map((rank): [number, WayBack[]] => [rank, []]));
  for (const { service } of chosen) {
    const { planned, live } = service;
    const isReversed = reversal === planned.service;
    back[planned.rank]!.push({
      service: planned.service,
      environment: planned.environment,
      deployment: String(live.is === 'known' ? live.value?.deployment : ''),
      strategy: isReversed ? 'migrations-down' : 'traffic, redeploy',
      'reverse-schema': isReversed ? plan.database!.reversibleSchema! : '',
      cdn: planned.cdn,
    });
  }
  if (!well && chosen.length === 0 && standings.some(({ is }) => is === 'released'))
    notes.push(
      verified || !standings.every(({ is }) => is === 'released' || is === 'already-live')
        ? 'What was released before the failure stays.'
        : 'The verification failed and cannot tell which service it was, so nothing was rolled back by itself (take-back: failed). Look, then use the workflow Rollback.',
    );
  return { standings, well, back, stale: staleOf(standings, chosen), notes };
}

const isOwn = ({ service: { live } }: Standing) => live.is === 'known' && live.value?.own === true;

function chooseBack(plan: GoLivePlan, standings: readonly Standing[]): Standing[] {
  if (plan.takeBack === 'all') return standings.filter(isOwn);
  const going = new Set(
    standings.filter(({ is }) => failed.includes(is)).map(({ service }) => service.planned.service),
  );
  for (let before = -1; before !== going.size;) {
    before = going.size;
    for (const { service } of standings)
      if (service.planned['back-with'].some((name) => going.has(name))) going.add(service.planned.service);
  }
  return standings.filter((standing) => isOwn(standing) && going.has(standing.service.planned.service));
}

/**
 * The service with which the schema is reversed: the last that goes back, where a person declared the schema reversible
 * and nothing that stays live needs it. Undefined, with a note that says why, where that is not so.
 */
function reverses(
  plan: GoLivePlan,
  standings: readonly Standing[],
  chosen: readonly Standing[],
  notes: string[],
): string | undefined {
  const schema = plan.database?.reversibleSchema;
  if (plan.database === undefined || chosen.length === 0) return undefined;
  const refuse = (why: string) => void notes.push(`No migration is reversed: ${why}.`);
  if (schema === undefined)
    return refuse('nobody declared the schema reversible (database.reversible-schema)');
  const stay = standings.filter((standing) => !chosen.includes(standing));
  const unknown = stay.filter(({ service: { live } }) => live.is === 'unknown');
  const nameOf = ({ service: { planned } }: Standing) => planned.service;
  if (unknown.length > 0) return refuse(`what is live of ${unknown.map(nameOf).join(', ')} is not known`);
  const liveOf = ({ service: { live } }: Standing) => (live.is === 'known' ? live.value : undefined);
  const schemaOf = (standing: Standing) => liveOf(standing)?.schema;
  const silent = stay.filter((standing) => liveOf(standing) && schemaOf(standing) === undefined);
  if (silent.length > 0)
    return refuse(`the ledger does not say on which schema ${silent.map(nameOf).join(', ')} runs`);
  // What somebody released after this go-live was judged against its schema, whatever it says of its own.
  const first = Math.min(...chosen.map((standing) => liveOf(standing)!.deployment));
  const later = stay.filter((standing) => {
    const now = liveOf(standing);
    return now && !now.own && now.kind !== 'rollback' && now.deployment > first;
  });
  if (later.length > 0)
    return refuse(`${later.map(nameOf).join(', ')} was released since, and may need schema ${schema}`);
  const need = stay.filter((standing) => schemaOf(standing) === schema);
  if (need.length > 0)
    return refuse(
      `${need.map(nameOf).join(', ')} ${need.length === 1 ? 'is' : 'are'} live on schema ${schema}`,
    );
  const lowest = Math.min(...chosen.map(({ service }) => service.planned.rank));
  const end = chosen.filter(({ service }) => service.planned.rank === lowest);
  const [one, ...more] = end;
  if (!one || more.length > 0)
    return refuse(
      `${end.map(nameOf).join(', ')} go back side by side, so none of them is the last on schema ${schema}`,
    );
  const kept = chosen.filter((standing) => {
    const to = liveOf(standing)?.schemaBefore;
    return standing !== one && (to === undefined || to === schema);
  });
  if (kept.length > 0)
    return refuse(
      `what ${kept.map(nameOf).join(', ')} goes back to is on schema ${schema}, or on one not known`,
    );
  if (schemaOf(one) !== schema) return refuse(`${nameOf(one)} does not run on schema ${schema}`);
  return nameOf(one);
}

const staleOf = (standings: readonly Standing[], chosen: readonly Standing[]) =>
  standings
    .filter((standing) => {
      const { service, is } = standing;
      return service.planned.cdn && (chosen.includes(standing) || is === 'rolled-back');
    })
    .map(({ service: { planned } }) => ({ service: planned.service, environment: planned.environment }));
