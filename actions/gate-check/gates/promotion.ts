import * as z from 'zod';
import { nameSchema } from '../../../shared/contracts/formats.js';
import { sameName } from '../../../shared/ledger/names.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { duration } from '../../../shared/config/fields.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { EvidenceRecord } from '../evidence/deployments.js';
import { defineGate, type GateResult } from '../gate/gate.js';
import { liveSpans, type LiveSpan } from './live-spans.js';

const schema = z
  .strictObject({
    from: nameSchema.describe('The environment in which the same release must have succeeded.'),
    soak: duration().prefault('0').describe('How long it must have been live there.'),
  })
  .describe('The same release succeeded in the environment before.');

/**
 * The same digest and source tree succeeded in the environment before, soaked, and was not taken back. Shas differ
 * across squash and merge, trees do not.
 */
export const promotion = defineGate({
  name: 'promotion',
  schema,
  needs: { commit: true, deployments: ({ from }, { environment }) => [from, environment] },
  judge: (config, { request, evidence }, now) => {
    const { commit, deployments: ledger } = evidence;
    const unread = [config.from, request.environment].find(
      (name) => !ledger.environments.some((read) => sameName(read, name)),
    );
    if (unread) return { is: 'fail', reason: `the Deployments of ${unread} were not read` };

    const own = ledger.records.filter(({ service }) => sameName(service, request.service));
    const same = own.filter(({ payload }) => payload.digest === request.digest);
    const here = same.filter(({ environment }) => sameName(environment, config.from));
    const message = {
      notes: here.flatMap((record) =>
        [...doubtsOf(record, commit.tree), ...statusDoubts(record)].map(
          (doubt) => `not counted: Deployment ${record.id} in ${config.from}: ${doubt}`,
        ),
      ),
      evidence: here.map(({ id, payload: { run } }) => ({
        text: `Deployment ${id}`,
        url: `${request.repositoryUrl}/actions/runs/${run.id}/attempts/${run.attempt}`,
      })),
    };

    const takenBack = same.find(
      (record) => wasTakenBack(record) && sameName(record.environment, request.environment),
    );
    if (takenBack) {
      return {
        is: 'fail',
        reason: `${describeTakenBack(takenBack)}: build a new release, the same one does not go out again`,
        ...message,
      };
    }
    const believed = here.filter((record) => doubtsOf(record, commit.tree).length === 0);
    const others = own.filter(
      (record) =>
        sameName(record.environment, config.from) &&
        record.payload.digest !== request.digest &&
        [...record.distrust, ...(record.doubts ?? [])].length === 0,
    );
    const spans = liveSpans(believed, others, now);
    return { ...judgeSoak(spans, here, config, message.notes[0]), ...message };
  },
});

function judgeSoak(
  all: readonly LiveSpan[],
  here: readonly EvidenceRecord[],
  { from, soak }: z.output<typeof schema>,
  doubt: string | undefined,
): GateResult {
  const lastTakenBack = Math.max(0, ...here.filter(wasTakenBack).map(lastChange));
  const spans = all.filter((span) => span.from > lastTakenBack);
  const last = spans.at(-1);
  if (!last) {
    const back = here.find(wasTakenBack);
    if (back) return { is: 'fail', reason: `${describeTakenBack(back)} and has not succeeded there since` };
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
