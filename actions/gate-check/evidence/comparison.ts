import * as z from 'zod';
import { shaSchema } from '../../../shared/contracts/formats.js';
import { succeededAt } from '../../../shared/ledger/record.js';
import { sameName } from '../../../shared/ledger/names.js';
import { compareWhole } from './code/compare.js';
import { deployments, proverOf } from './ledger/deployments.js';
import { defineEvidence, whole } from './evidence.js';
import { requireFirst } from './ledger/first.js';
import { findLive } from './ledger/live.js';

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
        deployment: whole,
        sha: shaSchema,
        version: z.string(),
        /** Epoch milliseconds. */
        since: z.number(),
        status: z.enum(['ahead', 'behind', 'diverged', 'identical']),
      })
      .nullable(),
    /** Whether the policy says that nothing was released yet. */
    named: z.literal(true).optional(),
  }),
  permission: { contents: 'read', actions: 'read' },
  restsOn: { [deployments.kind]: ({ environment }) => [environment] },
  collect: async (_needs: readonly true[], sources) => {
    const { request } = sources;
    const { records } = await sources.valueOf(deployments);
    const there = records.filter(({ environment }) => sameName(environment, request.environment));
    const named = sources.firstRelease?.some((name) => sameName(name, request.service))
      ? { named: true as const }
      : {};
    const live = await findLive(await proverOf(sources), there);
    if (!live) {
      await requireFirst(sources);
      return { ...named, live: null };
    }
    const base = live.payload.releasedSha;
    const status = base === request.sha ? 'identical' : (await compareWhole(sources, base)).status;
    const { version } = live.payload;
    return {
      ...named,
      live: { deployment: live.id, sha: base, version, since: succeededAt(live) ?? live.createdAt, status },
    };
  },
});
