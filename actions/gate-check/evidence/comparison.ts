import * as z from 'zod';
import { shaSchema } from '../../../shared/contracts/formats.js';
import { sameName } from '../../../shared/ledger/names.js';
import { compare } from './compare.js';
import { deployments, proverOf } from './deployments.js';
import { defineEvidence } from './evidence.js';
import { findLive } from './live.js';

/**
 * The released commit against what the ledger calls live; `live` is null when that is nothing. A live record that does
 * not prove itself makes this unknown: it may hide the real one.
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
    const { github, request } = sources;
    const { records } = await sources.valueOf(deployments);
    const there = records.filter(({ environment }) => sameName(environment, request.environment));
    const live = await findLive(await proverOf(sources), there);
    if (!live) return { live: null };
    const base = live.payload.releasedSha;
    const status = base === request.sha ? 'identical' : await compare(github, base, request.sha);
    return { live: { deployment: live.id, sha: base, status } };
  },
});
