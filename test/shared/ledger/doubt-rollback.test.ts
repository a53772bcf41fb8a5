import { describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { doubtRollback } from '../../../shared/ledger/proof/doubt-rollback.js';
import type { DeploymentRecord, DeploymentState } from '../../../shared/ledger/record.js';
import { digestOf } from '../../support/traffic/colours.js';

const bot = { login: 'github-actions', bot: true };
function record(
  id: number,
  payload: Partial<DeploymentPayload>,
  changes: Partial<DeploymentRecord> & { states?: readonly DeploymentState[] } = {},
): DeploymentRecord {
  const { states = ['success'], ...rest } = changes;
  return {
    id,
    environment: 'production',
    service: 'shop',
    sha: 'a'.repeat(40),
    createdAt: id,
    by: bot,
    payload: {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version: '2.0.0',
      releaseId: 'x',
      builtSha: 'a'.repeat(40),
      releasedSha: 'a'.repeat(40),
      tree: 'b'.repeat(40),
      digest: digestOf('2'),
      kind: 'release',
      colour: 'green',
      waivers: [],
      run: { id, attempt: 1 },
      ...payload,
    },
    statuses: states.map((state, at) => ({ state, at, by: bot, description: '' })),
    distrust: [],
    ...rest,
  };
}
const schema = { version: '9', oldestCompatibleApp: '2.0.0' };
const good = record(1, {});
const bad = record(2, { version: '3.0.0', digest: digestOf('3'), colour: 'blue', previous: 1, schema });
const rollback = (payload: Partial<DeploymentPayload> = {}) =>
  record(3, { kind: 'rollback', previous: 2, schema, ...payload });

/** Which records were looked up, and the doubt. */
async function doubt(
  of: DeploymentRecord,
  history: readonly DeploymentRecord[],
  unproved: readonly number[] = [],
) {
  const asked: number[] = [];
  const message = await doubtRollback(of, [of, ...history], async (other) => {
    asked.push(other.id);
    return unproved.includes(other.id) ? { ...other, distrust: ['not proved'] } : other;
  });
  return { message, asked };
}

describe("a rollback's record", () => {
  it('counts when it takes back what counts and restores what succeeded before that; only these two are looked up', async () => {
    const others = [record(0, { digest: digestOf('1') })];
    expect(await doubt(rollback(), [bad, good, ...others])).toEqual({ message: undefined, asked: [2, 1] });
  });

  it('counts when one of several successes of the artifact does', async () => {
    const again = record(1, {});
    const older = record(0, {});
    expect((await doubt(rollback(), [bad, again, older], [1])).message).toBeUndefined();
  });

  it.each<[string, DeploymentRecord, DeploymentRecord[], RegExp]>([
    ['names nothing that it takes back', rollback({ previous: undefined }), [bad, good], /no Deployment/],
    ['takes back what is not there', rollback({ previous: 99 }), [bad, good], /Deployment 99, which is not/],
    ['takes back what came later', rollback({ previous: 4 }), [record(4, {}), bad, good], /4, which is not/],
    [
      'takes back what is of another environment',
      rollback(),
      [{ ...bad, environment: 'staging' }, good],
      /Deployment 2, which is not there/,
    ],
    [
      'takes back what no writer of the ledger wrote',
      rollback(),
      [{ ...bad, distrust: ['created by mallory'] }, good],
      /Deployment 2, which does not count/,
    ],
    [
      'says another schema',
      rollback({ schema: { version: '9', oldestCompatibleApp: '99.0.0' } }),
      [bad, good],
      /another database schema/,
    ],
    ['leaves the schema out', rollback({ schema: undefined }), [bad, good], /another database schema/],
    ['restores another artifact', rollback({ digest: digestOf('6') }), [bad, good], /never succeeded/],
    ['restores another version of it', rollback({ version: '6.6.6' }), [bad, good], /6\.6\.6 .* never/],
    ['restores it on another colour', rollback({ colour: 'blue' }), [bad, good], /on blue, .* never/],
    [
      'restores what never succeeded',
      rollback(),
      [bad, record(1, {}, { states: ['queued', 'failure'] })],
      /never succeeded/,
    ],
    [
      'restores what succeeded only after what it takes back',
      record(5, { kind: 'rollback', previous: 1, digest: digestOf('3'), version: '3.0.0', colour: 'blue' }),
      [bad, good],
      /never succeeded/,
    ],
    [
      'restores what only another rollback says',
      rollback(),
      [bad, record(1, { kind: 'rollback' })],
      /never succeeded/,
    ],
  ])('does not count when it %s', async (_, of, history, why) => {
    const { message, asked } = await doubt(of, history);
    expect(message).toMatch(why);
    expect(asked).toEqual([]);
  });

  it.each([
    [2, /takes back Deployment 2, which does not count/],
    [1, /never succeeded there before/],
  ])('does not count when Deployment %i, on which it rests, does not prove itself', async (unproved, why) => {
    expect((await doubt(rollback(), [bad, good], [unproved])).message).toMatch(why);
  });
});
