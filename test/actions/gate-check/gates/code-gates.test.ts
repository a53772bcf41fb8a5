import { describe, expect, it } from '@jest/globals';
import type { EvidenceValue, GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import {
  changesOf,
  hotfixRequest,
  incident,
  judge,
  known,
  now,
  otherSha,
  pull,
  request,
  review,
  sha,
  unknown,
} from '../facts.js';

const ask = (gates: string, evidence: GateEvidence, asked = request) => {
  const { result, gates: judged, verdict } = judge(gates, evidence, now, asked);
  return { is: result, reason: judged[0]!.reason, notes: judged[0]!.notes, verdict };
};
const file = (path: string, fields: object = {}) => ({
  path,
  status: 'modified',
  added: 2,
  removed: 1,
  ...fields,
});
const commit = (of: string, ...pulls: number[]) => ({ sha: of, title: 'x', author: 'octocat', pulls });

describe('approvals', () => {
  const seen = (fields: Parameters<typeof changesOf>[0] = {}, gates = 'approvals: {}') =>
    ask(gates, { changes: known(changesOf(fields)) });

  it('pass when every commit came by a pull request that somebody else approved on its last commit', () => {
    expect(seen()).toMatchObject({
      is: 'pass',
      reason: expect.stringContaining('1 commit by pull request #21'),
    });
    expect(seen({ base: { sha, status: 'identical' }, commits: [], pulls: [] }).is).toBe('pass');
  });

  it.each([
    [
      'a direct push among them',
      { commits: [commit(sha, 21), commit(otherSha)] },
      'pushed without a pull request',
    ],
    ['a reader’s approval', { pulls: [pull({ reviews: [review({ canPush: false })] })] }, '0 of 1 approvals'],
    ['an approval before the last commit', { pulls: [pull({ reviews: [review({ sha })] })] }, '0 of 1'],
    ['a dismissed approval', { pulls: [pull({ reviews: [review({ state: 'dismissed' })] })] }, '0 of 1'],
    [
      'an approval by who pushed the last commit',
      { pulls: [pull({ contributors: ['octocat', 'hubot'] })] },
      '0 of 1',
    ],
    [
      'an approval by a bot',
      { pulls: [pull({ reviews: [review({ by: { login: 'renovate', bot: true } })] })] },
      '0 of 1',
    ],
    [
      'changes that somebody asked for',
      {
        pulls: [
          pull({
            reviews: [review(), review({ by: { login: 'mona', bot: false }, state: 'changes_requested' })],
          }),
        ],
      },
      'changes requested by mona',
    ],
    [
      'a pull request that was closed',
      { pulls: [pull({ state: 'closed' as const })] },
      'closed without a merge',
    ],
    [
      'what is behind the live release',
      { base: { sha: otherSha, status: 'behind' as const }, commits: [] },
      'is behind',
    ],
  ])('fail on %s', (_, fields, words) => {
    const { is, reason } = seen(fields);
    expect(is).toBe('fail');
    expect(reason).toContain(words);
  });

  it('count people, and bots only where the policy names them', () => {
    expect(seen({}, 'approvals: { count: 2 }').is).toBe('fail');
    const two = { pulls: [pull({ reviews: [review(), review({ by: { login: 'mona', bot: false } })] })] };
    expect(seen(two, 'approvals: { count: 2 }').is).toBe('pass');
    const bot = { pulls: [pull({ reviews: [review({ by: { login: 'renovate', bot: true } })] })] };
    expect(seen(bot, "approvals: { bots: ['renovate[bot]'] }").is).toBe('pass');
  });

  it('fail where the pull requests are unknown', () =>
    expect(ask('approvals: {}', { changes: unknown }).is).toBe('fail'));
});

describe('documented', () => {
  const gate = "documented: [{ changes: ['src/api/**', schema.sql], docs: ['docs/**'] }]";
  const seen = (...files: ReturnType<typeof file>[]) =>
    ask(gate, { changes: known(changesOf({ files })) }).is;

  it('passes when nothing under the paths changed, or the docs changed with it', () => {
    expect(seen(file('src/basket.ts'))).toBe('pass');
    expect(seen(file('src/api/a.ts'), file('docs/api.md'))).toBe('pass');
  });

  it('fails on an undocumented change, also of a file that was moved away, and on docs that were only removed', () => {
    expect(seen(file('src/api/a.ts'))).toBe('fail');
    expect(seen(file('src/other.ts', { was: 'src/api/a.ts', status: 'renamed' }))).toBe('fail');
    expect(seen(file('schema.sql'), file('docs/old.md', { status: 'removed', added: 0 }))).toBe('fail');
    expect(seen(file('schema.sql'), file('docs/a.md', { added: 0, removed: 9 }))).toBe('fail');
    expect(seen(file(`src/api/${'x'.repeat(300)}.ts`))).toBe('fail');
  });

  it('fails when GitHub lists not all files, or they are unknown', () => {
    const cut = changesOf({ files: [file('README.md')], filesTruncated: true });
    expect(ask(gate, { changes: known(cut) }).is).toBe('fail');
    expect(ask(gate, { changes: unknown }).is).toBe('fail');
  });

  it('passes the first deployment: there is nothing to compare with', () =>
    expect(ask(gate, { changes: known(changesOf({ base: null, files: [] })) }).is).toBe('pass'));
});

describe('hotfix', () => {
  const gate = "hotfix: { max-files: 2, max-lines: 20, exclude: [package-lock.json], tests: ['test/**'] }";
  const small = [file('src/basket.ts'), file('test/basket.test.ts')];
  const seen = (files: ReturnType<typeof file>[], fields: object = {}, gates = gate) =>
    ask(
      gates,
      { changes: known(changesOf({ files, ...fields })), incidents: known([incident()]) },
      hotfixRequest,
    );

  it('passes a small, tested and proved one, whatever its lock files say', () => {
    expect(seen([...small, file('package-lock.json', { added: 900 })])).toMatchObject({
      is: 'pass',
      reason: 'hotfix by pull request #21, incident #12 (high): 2 files, 6 lines, with a test',
    });
  });

  it.each([
    ['too many files', [...small, file('src/a.ts')], 'changes 3 files, allowed 2'],
    ['too many lines', [file('src/basket.ts', { added: 90 }), small[1]!], 'lines, allowed 20'],
    ['no test', [file('src/basket.ts')], 'adds nothing to a test'],
    [
      'a test that was only removed',
      [small[0]!, file('test/a.ts', { status: 'removed', added: 0 })],
      'adds nothing to a test',
    ],
    ['a renamed file', [small[1]!, file('src/b.ts', { status: 'renamed', was: 'src/a.ts' })], 'renames'],
  ])('fails with %s', (_, files, words) => {
    expect(seen(files)).toMatchObject({ is: 'fail', reason: expect.stringContaining(words) });
  });

  it('fails without proof, without the severity, with a list that was cut, and where things are unknown', () => {
    expect(seen(small, { pulls: [], commits: [commit(sha)] }).reason).toContain('this is no hotfix');
    expect(seen(small, {}, "hotfix: { tests: ['test/**'], severity: critical }").is).toBe('fail');
    expect(seen(small, { filesTruncated: true }).is).toBe('fail');
    expect(ask(gate, { changes: unknown, incidents: known([]) }, hotfixRequest).is).toBe('fail');
  });

  it('passes a release, which is no hotfix', () => {
    const many = changesOf({ files: Array.from({ length: 50 }, (_, n) => file(`src/${n}.ts`)) });
    expect(ask(gate, { changes: known(many), incidents: known([]) }).is).toBe('pass');
  });
});

const tags = (...found: [name: string, at?: string][]) =>
  known<EvidenceValue<'tags'>>({
    tags: found.map(([name, at = sha]) => ({ name, sha: at })),
    truncated: false,
  });

describe('release-candidate', () => {
  it.each([
    [[['v1.4.0-rc.1']], 'pass'],
    [[['v1.4.0-rc.1'], ['v1.4.0']], 'pass'],
    [[['v1.4.0-rc.1', otherSha]], 'fail'],
    [[['v1.4.0']], 'fail'],
    [[['candidate-rc.1']], 'fail'],
    [[], 'fail'],
  ] as [[string, string?][], string][])('with the tags %j: %s', (found, is) =>
    expect(ask('release-candidate: {}', { tags: tags(...found) }).is).toBe(is),
  );

  it('knows another prefix, fails where tags are unknown, and lets only a proven hotfix through', () => {
    expect(ask('release-candidate: { prefix: shop- }', { tags: tags(['shop-2.0.0-rc.2']) }).is).toBe('pass');
    expect(ask('release-candidate: {}', { tags: unknown }).is).toBe('fail');
    const proof = { tags: tags(), incidents: known([incident()]), changes: known(changesOf()) };
    expect(ask('release-candidate: { let-hotfix: high }', proof, hotfixRequest)).toMatchObject({
      is: 'pass',
      verdict: { waivers: [{ gate: 'release-candidate', by: 'hubot' }] },
    });
    expect(ask('release-candidate: { let-hotfix: high }', proof).is).toBe('fail');
    expect(ask('release-candidate: {}', proof, hotfixRequest).is).toBe('fail');
  });
});

describe('version', () => {
  const live = (version: string, at = otherSha) =>
    known({ live: { deployment: 3, sha: at, version, since: now, status: 'ahead' as const } });
  const seen = (tag: string, from: string, asked = request, gates = 'version: {}') =>
    ask(gates, { tags: tags([tag]), comparison: live(from) }, asked).is;

  it.each([
    ['v1.4.2', '1.4.1', 'pass'],
    ['v1.5.0', '1.4.1', 'pass'],
    ['v2.0.0', '1.4.1', 'pass'],
    ['v1.4.2', 'v1.4.1', 'pass'],
    ['v1.4.2', '1.4.2-rc.1', 'pass'],
    ['v1.4.3', '1.4.1', 'fail'],
    ['v1.5.1', '1.4.1', 'fail'],
    ['v1.4.1', '1.4.1', 'fail'],
    ['v1.4.0', '1.4.1', 'fail'],
    ['v1.4.2', 'build-77', 'fail'],
    ['v1.4.2-rc.1', '1.4.1', 'fail'],
  ])('%s after %s: %s', (tag, from, is) => expect(seen(tag, from)).toBe(is));

  it('a hotfix raises patch only, and a release what the policy allows', () => {
    expect(seen('v1.4.2', '1.4.1', hotfixRequest)).toBe('pass');
    expect(seen('v1.5.0', '1.4.1', hotfixRequest)).toBe('fail');
    expect(seen('v2.0.0', '1.4.1', request, 'version: { steps: [minor, patch] }')).toBe('fail');
  });

  it('passes the first release and what is live, fails on two versions, on none and on what is unknown', () => {
    expect(ask('version: {}', { tags: tags(['v1.0.0']), comparison: known({ live: null }) }).is).toBe('pass');
    expect(ask('version: {}', { tags: tags(['v1.0.0']), comparison: live('1.0.0', sha) }).is).toBe('pass');
    const two = { tags: tags(['v1.4.2'], ['v1.5.0']), comparison: live('1.4.1') };
    expect(ask('version: {}', two).reason).toContain('not clear');
    expect(ask('version: {}', { tags: tags(), comparison: live('1.4.1') }).is).toBe('fail');
    expect(ask('version: {}', { tags: unknown, comparison: live('1.4.1') }).is).toBe('fail');
    expect(ask('version: {}', { tags: tags(['v1.4.2']), comparison: unknown }).is).toBe('fail');
  });
});

describe('environment', () => {
  type Found = NonNullable<EvidenceValue<'environment'>>;
  const found = (fields: Partial<Found> = {}) =>
    known<EvidenceValue<'environment'>>({
      name: 'production',
      reviewers: [{ is: 'user', name: 'hubot' }],
      preventSelfReview: true,
      adminsBypass: false,
      refs: { only: 'listed', patterns: [{ name: 'main', type: 'branch' }] },
      ...fields,
    });
  const listed = (...names: string[]): Partial<Found> => ({
    refs: { only: 'listed', patterns: names.map((name) => ({ name, type: 'branch' })) },
  });
  const seen = (fields: Partial<Found> = {}, gates = 'environment: {}') =>
    ask(gates, { environment: found(fields) });

  it('passes one with reviewers, without self-review and bypass, for chosen branches', () => {
    expect(seen().is).toBe('pass');
    expect(seen(listed('main', 'hotfix/*')).is).toBe('pass');
  });

  it.each([
    ['without reviewers', { reviewers: [] }, 'no required reviewers'],
    ['that lets people approve their own', { preventSelfReview: false }, 'may approve it'],
    ['that administrators may bypass', { adminsBypass: true }, 'administrators may bypass'],
    ['for any branch', { refs: { only: 'any' } as const }, 'any branch may deploy'],
    [
      'for protected branches, of which there may be none',
      { refs: { only: 'protected' } as const },
      'admits every branch',
    ],
    ['whose pattern is *', listed('main', '*'), 'its pattern * admits'],
    ['whose pattern is */*', listed('*/*'), 'admits any branch'],
    ['whose pattern is [a-z]*', listed('[a-z]*'), 'admits any branch'],
    ['for no branch at all', listed(), 'nobody can release'],
    [
      'that nobody can approve: its only reviewer started the release',
      { reviewers: [{ is: 'user' as const, name: 'Ana' }] },
      'may not approve it',
    ],
  ])('fails one %s', (_, fields, words) => {
    expect(seen(fields)).toMatchObject({ is: 'fail', reason: expect.stringContaining(words) });
  });

  it('follows what the policy allows, and fails where there is none or it is unknown', () => {
    expect(seen({ reviewers: [] }, 'environment: { reviewers: false }').is).toBe('pass');
    expect(seen({ adminsBypass: true }, 'environment: { admins-bypass: true }').is).toBe('pass');
    expect(seen(listed('main', 'develop'), 'environment: { refs: [main] }').reason).toContain(
      'it admits develop',
    );
    expect(ask('environment: {}', { environment: known(null) }).reason).toContain(
      'no environment production',
    );
    expect(ask('environment: {}', { environment: unknown }).is).toBe('fail');
  });
});
