import type { Job, Live, Service } from '../../../cli/steps/go-live/decide.js';
import type { GoLivePlan, GoLiveService } from '../../../shared/contracts/reports/go-live-report.js';

export const names = ['auth', 'catalogue', 'orders', 'frontend'] as const;
export type Name = (typeof names)[number];

export const planned = (service: string, rank: number, more: Partial<GoLiveService> = {}): GoLiveService => ({
  service,
  rank,
  environment: 'production',
  version: '2.1.0',
  digest: `sha256:${'1'.repeat(64)}`,
  url: '',
  backup: true,
  cdn: false,
  'back-with': [],
  live: false,
  ...more,
});

/** Four services in four ranks; `more` by name. */
export const planOf = (
  changes: Partial<GoLivePlan> = {},
  more: Partial<Record<Name, Partial<GoLiveService>>> = {},
): GoLivePlan => ({
  releaseId: 'go-live-1',
  attempt: 1,
  commit: 'c'.repeat(40),
  takeBack: 'failed',
  services: names.map((name, at) => planned(name, at + 1, more[name])),
  watchHours: 48,
  releaseWorkflows: ['.github/workflows/cd.yml'],
  ...changes,
});

const job = (name: string, conclusion: string, from = 0, to = 60_000): Job => ({
  name: `Go live / ${name}`,
  conclusion,
  startedAt: from,
  completedAt: to,
});

/** The jobs of a service that ended like this; `failing` is the job of it that did not. */
export const jobsFor = (name: Name, failing?: 'May it go?' | 'Release' | 'Watch'): Job[] => {
  const stage = `Rank ${names.indexOf(name) + 1}: ${name}`;
  const order = ['May it go?', 'Release', 'Watch'] as const;
  const at = failing === undefined ? order.length : order.indexOf(failing);
  return [
    ...order.map((one, index) =>
      job(`${stage} / ${one}`, index < at ? 'success' : index === at ? 'failure' : 'skipped'),
    ),
    job(`${stage} / Settle`, 'success', 60_000, 150_000),
  ];
};

export const step = job;

const old: Live = {
  deployment: 1,
  version: '2.0.0',
  digest: `sha256:${'0'.repeat(64)}`,
  kind: 'release',
  schema: '42',
  schemaBefore: '41',
  own: false,
};

/** A service that is live as this go-live released it. */
export const live = (plan: GoLivePlan, name: Name, deployment = 10, schema = '43'): Service => ({
  planned: plan.services.find(({ service }) => service === name)!,
  live: {
    is: 'known',
    value: {
      deployment,
      version: '2.1.0',
      digest: plan.services[0]!.digest,
      kind: 'release',
      schema,
      schemaBefore: '42',
      own: true,
    },
  },
  had: 'traffic',
});

/** A service with its facts of what is live changed. */
export const changed = (service: Service, more: Partial<Live>): Service => ({
  ...service,
  live:
    service.live.is === 'known' && service.live.value
      ? { is: 'known', value: { ...service.live.value, ...more } }
      : service.live,
});

/** What somebody released over it while the go-live ran. */
export const hotfixed = (service: Service, more: Partial<Live> = {}): Service =>
  changed(service, {
    deployment: 99,
    version: '2.1.1',
    digest: `sha256:${'9'.repeat(64)}`,
    kind: 'hotfix',
    own: false,
    ...more,
  });

/** A service whose release before is live. */
export const before = (plan: GoLivePlan, name: Name, had: Service['had'] = 'none'): Service => ({
  planned: plan.services.find(({ service }) => service === name)!,
  live: { is: 'known', value: { ...old, kind: had === 'rolled-back' ? 'rollback' : 'release' } },
  had,
});
