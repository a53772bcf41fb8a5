import * as z from 'zod';
import { shaSchema } from '../../../shared/contracts/formats.js';
import { liveByLedger } from '../../../shared/ledger/record.js';
import { verifyRuns } from '../../../shared/ledger/trust.js';
import { compare } from './compare.js';
import { deployments } from './deployments.js';
import { defineEvidence, Unknowable } from './evidence.js';

/**
 * The released commit against what the ledger calls live; `live` is null when that is nothing. A live record that does not prove itself makes this
 * unknown: it may hide the real one.
 */
export const comparison = defineEvidence({
  kind: 'comparison',
  what: 'the comparison with what is live',
  schema: z.strictObject({
    live: z
      .strictObject({
        deployment: z.int(),
        sha: shaSchema,
        status: z.enum(['ahead', 'behind', 'diverged', 'identical']),
      })
      .nullable(),
  }),
  permission: { contents: 'read', actions: 'read' },
  restsOn: { [deployments.kind]: ({ environment }) => [environment] },
  collect: async (_needs: readonly true[], sources) => {
    const { github, request, release } = sources;
    const { records } = await sources.valueOf(deployments);
    const there = records.filter(
      ({ environment }) => environment.toLowerCase() === request.environment.toLowerCase(),
    );
    const live = liveByLedger(there);
    if (!live) return { live: null };
    const [verified] = await verifyRuns(github, [live], release, there);
    if (verified && verified.distrust.length > 0) {
      const why = verified.distrust.join('; ');
      throw new Unknowable(`Deployment ${live.id} is live by the ledger and does not prove itself (${why})`);
    }
    const base = live.payload.releasedSha;
    const status = base === request.sha ? 'identical' : await compare(github, base, request.sha);
    return { live: { deployment: live.id, sha: base, status } };
  },
});
