import type { DeploymentFact } from '../../../../shared/contracts/dora-facts.js';
import type { DeploymentRecord } from '../../../../shared/ledger/record.js';
import { isoInstant } from '../../../../shared/time/instant.js';

/** A record of the ledger as a fact. */
export function ledgerFact(record: DeploymentRecord): DeploymentFact {
  const { payload } = record;
  return {
    id: record.id,
    source: 'ledger',
    service: record.service,
    environment: record.environment,
    sha: record.sha,
    version: payload.version,
    kind: payload.kind,
    ...(payload.kind === 'rollback' && payload.previous !== undefined ? { previous: payload.previous } : {}),
    run: payload.run,
    createdAt: isoInstant(record.createdAt),
    statuses: record.statuses.map(({ state, at }) => ({ state, at: isoInstant(at) })),
    distrust: [...record.distrust],
  };
}
