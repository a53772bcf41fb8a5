import { describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../../shared/contracts/deployment.js';
import type { Lock } from '../../../../shared/ledger/refs/lock.js';
import type { DeploymentRecord, DeploymentState } from '../../../../shared/ledger/record.js';
import { doubtLock } from '../../../../shared/traffic/recovery/doubt-lock.js';
import { digestOf } from '../../../support/traffic/colours.js';

const payload: DeploymentPayload = {
  suite: 'devops-actions/deployment@1',
  service: 'shop',
  version: '2.0.0',
  releaseId: '2.0.0-x',
  builtSha: 'a'.repeat(40),
  releasedSha: 'a'.repeat(40),
  tree: 'b'.repeat(40),
  digest: digestOf('2'),
  kind: 'release',
  colour: 'green',
  previous: 1,
  waivers: [],
  run: { id: 7, attempt: 1 },
};
const bot = { login: 'github-actions', bot: true };
const record = (
  id: number,
  changes: Partial<DeploymentPayload>,
  states: readonly DeploymentState[],
  distrust: readonly string[] = [],
): DeploymentRecord => ({
  id,
  environment: 'production',
  service: 'shop',
  sha: 'a'.repeat(40),
  createdAt: id,
  by: bot,
  payload: { ...payload, ...changes },
  statuses: states.map((state, at) => ({ state, at, by: bot, description: '' })),
  distrust,
});
const own = record(2, {}, ['queued', 'in_progress']);
const before = record(1, { version: '1.0.0', colour: 'blue' }, ['success']);
const lock: Lock = {
  schema: 'devops-actions/lock@1',
  environment: 'production',
  service: 'shop',
  claim: 'x',
  holder: { runId: 7, attempt: 1, job: 0, actor: 'ana', workflow: 'cd.yml' },
  phase: 'switching',
  from: 'blue',
  to: 'green',
  deployment: 2,
  version: '2.0.0',
  digest: digestOf('2'),
  payload,
  since: '2026-11-01T00:00:00Z',
};

describe('a lock', () => {
  it('is believed when its Deployment says the same, in whichever order of keys', () => {
    expect(doubtLock(lock, own, [own, before])).toBeUndefined();
    const turned = Object.fromEntries(Object.entries(payload).reverse()) as DeploymentPayload;
    expect(doubtLock({ ...lock, payload: turned }, own, [own, before])).toBeUndefined();
  });

  it('is believed when nothing was live before that its Deployment could name', () => {
    const { previous: _previous, ...first } = payload;
    const { from: _from, ...bootstrap } = lock;
    const alone = { ...own, payload: first };
    expect(doubtLock({ ...bootstrap, payload: first }, alone, [alone])).toBeUndefined();
  });

  it('is believed after its outcome was written and before it was removed', () => {
    for (const states of [['success'], ['failure'], ['inactive'], ['success', 'failure']] as const)
      expect(doubtLock(lock, record(2, {}, states), [own, before])).toBeUndefined();
  });

  it.each<[string, Lock, DeploymentRecord | undefined, DeploymentRecord[], RegExp]>([
    ['its Deployment does not exist', lock, undefined, [before], /Deployment 2 does not exist/],
    [
      'its Deployment does not prove itself',
      lock,
      record(2, {}, ['queued'], ['run 7 does not exist']),
      [before],
      /run 7 does not exist/,
    ],
    ['the payloads differ', lock, record(2, { tree: 'c'.repeat(40) }, []), [before], /another payload/],
    [
      'it has a journal and its Deployment says that nothing was begun',
      {
        ...lock,
        journal: { direction: 'forward', observed: '', calls: [], done: 0, onInterrupt: 'complete' },
      },
      record(2, {}, ['queued']),
      [before],
      /was never in_progress/,
    ],
    ['it moves to another colour', { ...lock, to: 'red' }, own, [before], /moves traffic to red/],
    ['it moves to another version', { ...lock, version: '6.6.6' }, own, [before], /with 6\.6\.6/],
    ['it moves to another digest', { ...lock, digest: digestOf('6') }, own, [before], /sha256:666/],
    [
      'its release was superseded',
      lock,
      record(2, {}, ['success', 'inactive']),
      [before],
      /has been superseded/,
    ],
    ['what was live before does not exist', lock, own, [own], /Deployment 1, .* does not exist/],
    [
      'what was live before was not written by a writer of the ledger',
      lock,
      own,
      [record(1, { colour: 'blue' }, ['success'], ['created by mallory'])],
      /created by mallory/,
    ],
    [
      'it comes from a colour that was not live before',
      { ...lock, from: 'red' },
      own,
      [before],
      /comes from red, and Deployment 1, .* ran on blue/,
    ],
  ])('is doubted when %s', (_, forged, proved, history, why) => {
    expect(doubtLock(forged, proved, history)).toMatch(why);
  });
});
