import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { DeploymentRecord, DeploymentState } from '../../../shared/ledger/record.js';

const sha = 'c'.repeat(40);
export const minute = 60_000;

/** A trusted Deployment with the given states, one minute apart from its creation on. */
export function record(
  id: number,
  version: string,
  colour: string,
  states: DeploymentState[] = ['success'],
  more: Partial<DeploymentPayload> = {},
): DeploymentRecord {
  const by = { login: 'github-actions', bot: true };
  const createdAt = id * 10 * minute;
  return {
    id,
    environment: 'production',
    service: 'shop',
    sha,
    createdAt,
    by,
    payload: {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version,
      releaseId: `release-${version}`,
      builtSha: sha,
      releasedSha: sha,
      tree: sha,
      digest: `sha256:${'d'.repeat(64)}`,
      kind: 'release',
      colour,
      waivers: [],
      run: { id: 100 + id, attempt: 1 },
      ...more,
    },
    statuses: states.map((state, index) => ({
      state,
      at: createdAt + (index + 1) * minute,
      by,
      description: '',
    })),
    distrust: [],
  };
}

/** A report of a watch that saw an error rate of 12 % three times. */
export function failedReport(more: Partial<AnalysisReport> = {}): AnalysisReport {
  const facts = { colour: 'green', sha, digest: `sha256:${'d'.repeat(64)}` };
  const measurement = {
    criterion: 'error-rate',
    phase: 'Failed' as const,
    requests: 200,
    errors: 24,
    rate: 0.12,
    message: 'error-rate > 5 % for the whole of 2 min',
  };
  return {
    schema: 'devops-actions/analysis-report@1',
    mode: 'watch',
    environment: 'production',
    service: 'shop',
    run: 'https://github.example/acme/shop/actions/runs/1/attempts/1',
    result: 'error',
    reason: 'error-rate: 24 of 200 requests failed',
    watched: { ...facts, deployment: 2, version: '1.1.0' },
    previous: { ...facts, deployment: 1, version: '1.0.0', colour: 'blue' },
    preflight: [{ what: 'Can it be rolled back?', ok: true, message: 'yes' }],
    plan: {
      watchMs: 5 * minute,
      intervalMs: 5_000,
      warmUpMs: 0,
      criteria: [
        {
          name: 'error-rate',
          source: 'app',
          failWhen: { metric: 'error-rate', operator: '>', value: 0.05 },
          forMs: 10_000,
          overMs: 5_000,
          confidence: 0.95,
          minRequests: 100,
          noData: 'inconclusive',
          maxFailures: 0,
          maxConsecutiveErrors: 4,
        },
      ],
    },
    startedAt: 0,
    ticks: [5_000, 10_000, 15_000].map((at) => ({ at, readings: { app: { is: 'data', samples: [] } } })),
    measurements: [[measurement], [measurement], [measurement]],
    timeline: [{ at: '2026-01-01T00:00:00.000Z', message: 'Watching 1.1.0' }],
    ...more,
  };
}
