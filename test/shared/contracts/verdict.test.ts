import { describe, expect, it } from '@jest/globals';
import { checkVerdict, type Claim, type Verdict } from '../../../shared/contracts/verdict.js';
import { parseInstant } from '../../../shared/time/instant.js';

const verdict: Verdict = {
  schema: 'devops-actions/verdict@1',
  result: 'pass',
  environment: 'production',
  service: 'shop',
  kind: 'release',
  sha: 'a'.repeat(40),
  digest: `sha256:${'b'.repeat(64)}`,
  policyCommit: 'c'.repeat(40),
  runId: 42,
  attempt: 2,
  issuedAt: '2026-11-22T10:00:00Z',
  expiresAt: '2026-11-22T11:00:00Z',
  gates: ['checks'],
  waivers: [],
};
const at = (instant: string) => parseInstant(instant)!;
const claim: Claim = {
  environment: 'production',
  service: 'shop',
  sha: verdict.sha,
  digest: verdict.digest,
  runId: 42,
  attempt: 2,
  now: at('2026-11-22T10:30:00Z'),
};

function reasons(text: string | undefined, changed: Partial<Claim> = {}): string[] {
  const check = checkVerdict(text, { ...claim, ...changed });
  return check.accepted ? [] : check.reasons;
}
const written = (changed: Partial<Record<keyof Verdict, unknown>> = {}) =>
  JSON.stringify({ ...verdict, ...changed });

describe('a verdict', () => {
  it('allows exactly what it was given for', () => {
    expect(checkVerdict(written(), claim)).toEqual({ accepted: true, verdict });
  });

  it.each([
    ['environment', 'staging'],
    ['environment', 'productions'],
    ['service', 'cart'],
    ['sha', 'd'.repeat(40)],
    ['digest', `sha256:${'d'.repeat(64)}`],
    ['runId', 43],
  ] as const)('for another %s is refused, and the reason names both', (field, value) => {
    const [reason, ...others] = reasons(written(), { [field]: value });
    expect(others).toEqual([]);
    expect(reason).toBe(
      `the verdict is for ${field} ${verdict[field]}, this is ${value} [verdict-for-another-release]`,
    );
  });

  it('for a release is none for a hotfix, where the asker says which', () => {
    expect(reasons(written(), { kind: 'release' })).toEqual([]);
    expect(reasons(written(), { kind: 'hotfix' })).toEqual([
      'the verdict is for a release, this is a hotfix [verdict-for-another-release]',
    ]);
  });

  it.each([1, 3])('of attempt 2 does not count in attempt %d: the gate has to look again', (attempt) => {
    expect(reasons(written(), { attempt })).toEqual([expect.stringContaining('choose "Re-run all jobs"')]);
  });

  it('counts up to the instant it expires at, and not in it', () => {
    expect(reasons(written(), { now: at('2026-11-22T11:00:00Z') - 1 })).toEqual([]);
    expect(reasons(written(), { now: at('2026-11-22T11:00:00Z') })).toEqual([
      expect.stringContaining('expired at'),
    ]);
  });

  it('from the future is refused beyond a minute of difference between clocks', () => {
    expect(reasons(written(), { now: at('2026-11-22T09:59:00Z') })).toEqual([]);
    expect(reasons(written(), { now: at('2026-11-22T09:59:00Z') - 1 })).toEqual([
      expect.stringContaining('has not come yet'),
    ]);
  });

  it('that is wrong in every way is told all of it at once', () => {
    const all = reasons(written(), {
      environment: 'e',
      service: 's',
      sha: 'x',
      digest: 'y',
      runId: 1,
      attempt: 1,
      now: at('2027-01-01T00:00:00Z'),
    });
    expect(all).toHaveLength(7);
  });
});

describe('what is no verdict', () => {
  it.each([
    ['nothing', undefined, 'there is no verdict'],
    ['an empty output', '', 'there is no verdict'],
    ['no JSON', 'pass', 'is not JSON'],
    ['JSON cut off', written().slice(0, -1), 'is not JSON'],
    ['null', 'null', "not one of gate-check's"],
    ['a list', '[]', "not one of gate-check's"],
    ['a hold', written({ result: 'hold' }), 'result'],
    ['another version', written({ schema: 'devops-actions/verdict@2' }), 'schema'],
    ['one with a key too many', JSON.stringify({ ...verdict, force: true }), 'force'],
    ['one with a short sha', written({ sha: 'abc1234' }), 'sha'],
    ['one with a sha in capitals', written({ sha: 'A'.repeat(40) }), 'sha'],
    ['one without an expiry', written({ expiresAt: undefined }), 'expiresAt'],
    [
      'one that expires on a day that does not exist',
      written({ expiresAt: '2026-02-30T00:00:00Z' }),
      'expiresAt',
    ],
    ['one that expires at a local time', written({ expiresAt: '2026-11-22T11:00:00' }), 'expiresAt'],
    ['one of run 0', written({ runId: 0 }), 'runId'],
    ['one of half an attempt', written({ attempt: 1.5 }), 'attempt'],
    ['one whose run is text', written({ runId: '42' }), 'runId'],
  ])('%s is refused for one reason', (_, text, word) => {
    expect(reasons(text)).toEqual([expect.stringContaining(word)]);
  });

  it('is refused with all that is wrong in it', () => {
    expect(reasons(written({ sha: 'x', digest: 'y', attempt: 0 }))[0]).toMatch(/sha: .*digest: .*attempt: /);
  });
});
