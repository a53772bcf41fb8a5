import { describe, expect, it } from '@jest/globals';
import { idleDrift } from '../../../actions/blue-green-switch/idle-drift.js';
import { record } from '../auto-rollback/facts.js';

const digest = `sha256:${'d'.repeat(64)}`;
const other = `sha256:${'e'.repeat(64)}`;
/** Newest first: 1.1.0 is live on green, 1.0.0 was before it on blue. */
const history = [record(2, '1.1.0', 'green'), record(1, '1.0.0', 'blue')];
const blue = (version?: string, of: string | undefined = digest) => [
  { name: 'green', version: '9.9.9', digest: other },
  { name: 'blue', version, digest: of },
];

describe('a colour without traffic', () => {
  it.each([
    ['runs what was live on it', blue('1.0.0')],
    ['says nothing: it may be retired', [{ name: 'blue' }]],
    ['says the version alone', [{ name: 'blue', version: '1.0.0' }]],
  ])('is no drift when it %s', (_, colours) => {
    expect(idleDrift(colours, 'green', history)).toEqual([]);
  });

  it.each([
    ['another version', blue('1.0.1')],
    ['another digest under the same version', blue('1.0.0', other)],
  ])('is drift when it runs %s', (_, colours) => {
    const [only, ...more] = idleDrift(colours, 'green', history);
    expect(more).toEqual([]);
    expect(only).toContain('blue has no traffic and runs');
    expect(only).toContain('the ledger has 1.0.0');
  });

  it('may run a release that failed there before it was live, or that was rolled back', () => {
    const failed = record(3, '1.2.0', 'blue', ['in_progress', 'failure']);
    expect(idleDrift(blue('1.2.0'), 'green', [failed, ...history])).toEqual([]);
    expect(idleDrift(blue('1.0.0'), 'green', [failed, ...history])).toEqual([]);
    const back = record(3, '1.2.0', 'blue', ['success', 'failure']);
    expect(idleDrift(blue('1.2.0'), 'green', [back, ...history])).toEqual([]);
  });

  it('is not judged while a release is being deployed to it, nor by records that do not count', () => {
    const going = record(3, '1.2.0', 'blue', ['in_progress']);
    expect(idleDrift(blue('7.7.7'), 'green', [going, ...history])).toEqual([]);
    const forged = { ...record(3, '7.7.7', 'blue'), distrust: ['by a stranger'] };
    expect(idleDrift(blue('7.7.7'), 'green', [forged, ...history])).toHaveLength(1);
  });
});
