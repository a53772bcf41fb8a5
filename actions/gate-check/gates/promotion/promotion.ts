import { sameName } from '../../../../shared/ledger/names.js';
import { outcomeOf } from '../../../../shared/ledger/record.js';
import { formatDuration } from '../../../../shared/time/duration.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import type { GateRequest } from '../../../../shared/contracts/reports/gate-report.js';
import type { EvidenceRecord } from '../../evidence/ledger/deployments.js';
import { defineGate, type GateResult } from '../../gate/gate.js';
import { liveSpans, type LiveSpan } from './live-spans.js';
import { promotionSchema, type PromotionConfig } from './promotion-config.js';

type Upstream = Pick<PromotionConfig, 'soak'> & { from: string };

/**
 * The same digest and source tree succeeded in the environment before, soaked, and was not taken back. Shas differ
 * across squash and merge, trees do not.
 */
export const promotion = defineGate({
  name: 'promotion',
  schema: promotionSchema,
  needs: { commit: true, deployments: ({ environments }, { environment }) => [...environments, environment] },
  judge: (config, { request, evidence }, now) => {
    const unread = [...config.environments, request.environment].find(
      (name) => !evidence.deployments.environments.some((read) => sameName(read, name)),
    );
    if (unread) return { is: 'fail', reason: `the Deployments of ${unread} were not read` };
    const own = evidence.deployments.records.filter(({ service }) => sameName(service, request.service));
    const facts = { request, own, tree: evidence.commit.tree };
    const strict = judgeRecords(config, facts, [], now);
    const readmitted = config.readmit.filter(({ deployment }) =>
      own.some((record) => record.id === deployment && wasTakenBack(record)),
    );
    if (strict.is === 'pass' || readmitted.length === 0) return strict;
    const excused = readmitted.map(({ deployment }) => deployment);
    const lenient = judgeRecords(config, facts, excused, now);
    if (lenient.is !== 'pass') return lenient;
    const why = readmitted
      .map(({ deployment, reason }) => `Deployment ${deployment} was rolled back, readmitted: ${reason}`)
      .join('; ');
    return {
      ...lenient,
      reason: `${lenient.reason}. ${why}`,
      waived: { reason: why, by: [...new Set(readmitted.map(({ by }) => by))].join(', ') },
    };
  },
});

interface Facts {
  request: GateRequest;
  /** Records of the service. */
  own: readonly EvidenceRecord[];
  /** Of the released commit. */
  tree: string;
}

/** The judgement when the rollbacks of these Deployments do not count. */
function judgeRecords(
  { environments, need, soak }: PromotionConfig,
  { request, own, tree }: Facts,
  excused: readonly number[],
  now: number,
): GateResult {
  const same = own.filter(({ payload }) => payload.digest === request.digest);
  const counts = (record: EvidenceRecord) => wasTakenBack(record) && !excused.includes(record.id);
  const upstream = same.filter(({ environment }) => environments.some((name) => sameName(name, environment)));
  const message = {
    notes: notesOf(upstream, tree),
    evidence: upstream.map(({ id, payload: { run } }) => ({
      text: `Deployment ${id}`,
      url: `${request.repositoryUrl}/actions/runs/${run.id}/attempts/${run.attempt}`,
    })),
  };
  const takenBack = same.find(
    (record) => counts(record) && sameName(record.environment, request.environment),
  );
  if (takenBack) {
    return {
      is: 'fail',
      reason: `${describeTakenBack(takenBack)}: build a new release, the same one does not go out again. If the cause was outside of the release, name Deployment ${takenBack.id} under readmit, with reason and by`,
      ...message,
    };
  }
  const results = environments.map((from) => {
    const here = upstream.filter(({ environment }) => sameName(environment, from));
    const believed = here.filter((record) => doubtsOf(record, tree).length === 0);
    const others = own.filter(
      (record) =>
        sameName(record.environment, from) &&
        record.payload.digest !== request.digest &&
        [...record.distrust, ...(record.doubts ?? [])].length === 0,
    );
    const spans = liveSpans(believed, others, now);
    return judgeSoak(spans, here, here.filter(counts), { from, soak }, notesOf(here, tree)[0]);
  });
  return { ...together(results, need), ...message };
}

type Soaked = GateResult & { rolledBack?: boolean };

/**
 * Several environments as one. Where one is enough, a rollback in another still counts: something was wrong with this
 * release there.
 */
function together(results: readonly Soaked[], need: PromotionConfig['need']): GateResult {
  const [only] = results;
  if (only && results.length === 1) return plain(only);
  const of = (is: GateResult['is']) => results.filter((one) => one.is === is);
  const order = (['fail', 'hold', 'pass'] as const).filter((is) => of(is).length > 0);
  const is = need === 'all' || results.some(({ rolledBack }) => rolledBack) ? order[0]! : order.at(-1)!;
  const reason = of(is)
    .map((one) => one.reason)
    .join('; ');
  if (is !== 'hold') return { is, reason };
  const opens = of('hold').flatMap((one) => (one.is === 'hold' ? (one.opensAt ?? []) : []));
  return { is, reason, opensAt: need === 'all' ? Math.max(...opens) : Math.min(...opens) };
}

function plain({ rolledBack: _, ...result }: Soaked): GateResult {
  return result;
}

function judgeSoak(
  all: readonly LiveSpan[],
  here: readonly EvidenceRecord[],
  takenBack: readonly EvidenceRecord[],
  { from, soak }: Upstream,
  doubt: string | undefined,
): Soaked {
  const lastTakenBack = Math.max(0, ...takenBack.map(lastChange));
  const spans = all.filter((span) => span.from > lastTakenBack);
  const last = spans.at(-1);
  if (!last) {
    const [back] = takenBack;
    if (back)
      return {
        is: 'fail',
        reason: `${describeTakenBack(back)} and has not succeeded there since`,
        rolledBack: true,
      };
    const seen = doubt ?? (here.length === 0 ? 'no record of this digest' : 'no record that ended well');
    return {
      is: 'fail',
      reason: `this release has not succeeded in ${from} (${seen}): deploy this digest, built from this tree, there first`,
    };
  }
  const soaked = spans.find((span) => span.to - span.from >= soak);
  if (soaked) {
    return {
      is: 'pass',
      reason: `live in ${from} since ${isoInstant(soaked.from)}, for ${formatDuration(soaked.to - soaked.from)} (asked: ${formatDuration(soak)})`,
    };
  }
  const been = formatDuration(last.to - last.from);
  if (last.ended) {
    return {
      is: 'fail',
      reason: `it was live in ${from} for only ${been} of ${formatDuration(soak)} before another release took its place: deploy it there again`,
    };
  }
  const opensAt = last.from + soak;
  return {
    is: 'hold',
    reason: `soaking in ${from} for ${been} of ${formatDuration(soak)}, until ${isoInstant(opensAt)}`,
    opensAt,
  };
}

/** Reasons why a record does not prove a promotion. A record whose run and tree were not looked up proves nothing. */
function doubtsOf(record: EvidenceRecord, tree: string): string[] {
  const otherTree =
    record.payload.tree === tree
      ? []
      : [`its tree is ${record.payload.tree}, that of the released commit is ${tree}`];
  const doubts = record.doubts ?? (otherTree.length > 0 ? [] : ['its run was not looked up']);
  return [...record.distrust, ...otherTree, ...doubts];
}

const notesOf = (records: readonly EvidenceRecord[], tree: string): string[] =>
  records.flatMap((record) =>
    [...doubtsOf(record, tree), ...statusDoubts(record)].map(
      (doubt) => `not counted: Deployment ${record.id} in ${record.environment}: ${doubt}`,
    ),
  );

const statusDoubts = ({ statuses }: EvidenceRecord): string[] =>
  statuses.flatMap(({ doubt }) => (doubt === undefined ? [] : [doubt]));

/**
 * What became of a record if all its statuses count. A rollback by a ledger writer does even when its run is gone: a
 * deleted run must not clear a release.
 */
const outcomeAsWritten = ({ createdAt, statuses }: EvidenceRecord) =>
  outcomeOf({ createdAt, statuses: statuses.map((status) => ({ ...status, doubt: undefined })) });

const wasTakenBack = (record: EvidenceRecord): boolean =>
  record.distrust.length === 0 && outcomeAsWritten(record).is === 'taken-back';

function lastChange(record: EvidenceRecord): number {
  const outcome = outcomeAsWritten(record);
  return outcome.is === 'in-flight' ? outcome.since : outcome.at;
}

function describeTakenBack(record: EvidenceRecord): string {
  return `this digest was taken back in ${record.environment} at ${isoInstant(lastChange(record))} (Deployment ${record.id})`;
}
