import { compute } from '../../actions/dora-report/measure/compute.js';
import { commit, deployment, factsOf, incident, question, sha } from '../actions/dora-report/ledger-facts.js';
import type { DoraFacts, DoraReport } from '../../shared/contracts/reports/dora-report.js';
import { isoInstant } from '../../shared/time/instant.js';

type Pull = NonNullable<DoraFacts['pulls']>[number];

const hour = 3_600_000;
const begin = Date.parse('2026-01-05T00:00:00Z');
const weeks = 24;
const window = {
  from: isoInstant(begin + 12 * 7 * 24 * hour),
  to: isoInstant(begin + weeks * 7 * 24 * hour),
};

export interface Size {
  /** Deployments in the two windows. */
  deployments: number;
  /** What stands in titles, names and versions. */
  title?: (n: number) => string;
}

/**
 * A shop of two services over two windows of twelve weeks: the second delivers faster than the first, every ninth release
 * is taken back, some have incidents, and reviews take most of the time.
 */
export function worldReport({ deployments, title = (n) => `Change ${n}` }: Size): DoraReport {
  const span = (weeks * 7 * 24 * hour) / (deployments + 1);
  const world = {
    deployments: [] as ReturnType<typeof deployment>[],
    commits: [] as ReturnType<typeof commit>[],
    incidents: [] as ReturnType<typeof incident>[],
    pulls: [] as Pull[],
  };
  const last: Record<string, string | undefined> = {};
  for (let n = 0; n < deployments; n++) {
    const at = begin + n * span;
    const early = n < deployments / 2;
    const service = n % 3 === 2 ? 'payments' : 'shop';
    const lead = (early ? 40 : 18) * hour * (1 + (n % 5) / 4);
    const [name, merged] = [`c${n}`, isoInstant(at - lead / 4)];
    const before = last[service];
    world.commits.push(
      commit(name, merged, before === undefined ? [] : [before], { headline: `${title(n)} (#${n + 1})` }),
    );
    last[service] = name;
    world.pulls.push(pullOf(n, name, title(n), { at, lead }));
    const id = 3 * n + 1;
    const kind = n % 25 === 24 ? ('hotfix' as const) : ('release' as const);
    const bad = n % 9 === 8;
    world.deployments.push(
      deployment(id, isoInstant(at), name, {
        service,
        kind,
        version: `1.${n}.0`,
        ...(bad ? { then: [['failure', isoInstant(at + span / 5)]] } : {}),
      }),
    );
    if (bad && before !== undefined)
      world.deployments.push(
        deployment(id + 1, isoInstant(at + span / 4), before, {
          service,
          kind: 'rollback',
          previous: id,
          version: `1.${n - 3}.0`,
        }),
      );
    if (n % 18 === 8)
      world.incidents.push(
        incident(5_000 + n, isoInstant(at + span / 8), {
          causedBy: id,
          title: title(n),
          marker: { service, environment: 'production', causedBy: id },
          ...(n + 18 < deployments ? { closedAt: isoInstant(at + span / 2) } : {}),
        }),
      );
  }
  // As collected: the window before is read too, to compare with it.
  const asked = { ...question, ...window, incidentSource: true };
  return compute(factsOf(world, { ...asked, from: isoInstant(begin) }), asked);
}

function pullOf(n: number, merge: string, title: string, { at, lead }: { at: number; lead: number }): Pull {
  const after = (share: number) => isoInstant(at - lead + share * lead);
  return {
    number: n + 1,
    url: `https://github.example/acme/shop/pull/${n + 1}`,
    title,
    author: { name: n % 2 ? 'mona' : 'hubot', bot: false },
    labels: [],
    createdAt: after(0.1),
    mergedAt: after(0.75),
    mergeCommit: sha(merge),
    commits: 1,
    firstCommitAt: after(0),
    ...(n % 7 === 0 ? {} : { firstReviewAt: after(0.5), approvedAt: after(0.7) }),
  };
}
