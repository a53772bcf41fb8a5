import { compute } from '../../actions/dora-report/measure/compute.js';
import { chainsOf, unitsOf } from '../../actions/dora-report/metrics/units.js';
import type { DoraFacts } from '../../shared/contracts/dora-facts.js';
import type { DoraQuestion } from '../../shared/contracts/reports/dora-report.js';

const from = Date.parse('2026-01-05T00:00:00Z');
const to = from + 84 * 86_400_000;
const iso = (at: number) => new Date(at).toISOString();
const shaOf = (n: number) => n.toString(16).padStart(40, '0');

/** What the report itself takes at a size, in this process. */
export function scaleOf(count: number): { cpuSeconds: number } {
  const facts = factsOf(count);
  const before = process.cpuUsage();
  const report = compute(facts, question);
  const { user, system } = process.cpuUsage(before);
  if (report.total.frequency.n !== count || report.total.leadTime.n !== count * 10)
    throw new Error(`${report.total.frequency.n} deployments and ${report.total.leadTime.n} commits`);
  return { cpuSeconds: (user + system) / 1e6 };
}

const question: DoraQuestion = {
  environment: 'production',
  services: [],
  from: iso(from),
  to: iso(to),
  timezone: 'Europe/Berlin',
  tiers: 'seed',
  leadTimeStart: 'commit',
  countRollbacks: false,
  filters: { paths: [], excludeAuthors: [], excludeBots: false, labels: [] },
  incidentSource: true,
  linkWithinHours: null,
  hotfixTargetMinutes: 35,
};

/** Ten commits a deployment in one line, and one deployment that was live before the window. */
function factsOf(count: number): DoraFacts {
  const step = (to - from) / (count + 1);
  const deployments: DoraFacts['deployments'] = Array.from({ length: count + 1 }, (_, n) => {
    const at = iso(n === 0 ? from - 1_000 : Math.floor(from + n * step));
    return {
      id: n + 1,
      source: 'ledger',
      service: 'shop',
      environment: 'production',
      sha: shaOf(n * 10),
      version: `1.${n}.0`,
      kind: 'release',
      run: { id: n + 1, attempt: 1 },
      createdAt: at,
      statuses: [{ state: 'success', at }],
      distrust: [],
    };
  });
  const commits: DoraFacts['commits'] = Array.from({ length: count * 10 + 1 }, (_, n) => {
    const at = iso(Math.floor(from - 86_400_000 + (n * step) / 10));
    return {
      oid: shaOf(n),
      parents: n > 0 ? [shaOf(n - 1)] : [],
      committedAt: at,
      authoredAt: at,
      headline: `Change ${n}`,
      reverts: [],
      revertsPulls: [],
    };
  });
  const chains = chainsOf(unitsOf(deployments).units, from, to).map((chain) => chain.map(({ id }) => id));
  return {
    readAt: iso(to),
    repositoryUrl: 'https://github.example/acme/shop',
    deployments: deployments.toReversed(),
    incidents: [],
    commits,
    chains,
    liveBefore: [],
    notes: [],
    missingCommits: [],
    complete: { deployments: true, commits: true },
    requests: { deployments: 0, commits: 0, incidents: 0, pulls: 0 },
  };
}
