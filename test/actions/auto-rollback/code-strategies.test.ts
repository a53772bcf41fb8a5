import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forbidsPush } from '../../../actions/auto-rollback/strategies/code.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import {
  analysisReportSchema,
  type AnalysisReport,
} from '../../../shared/contracts/reports/analysis-report.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { allWrite, type Stage } from '../../rehearsal/github/support.js';
import { gitServer, type GitServer } from '../../support/servers/git-http.js';
import type { TestRunner } from '../../support/runner/port.js';
import { until } from '../../support/until.js';
import { digests, releaseStage, type ReleaseStage } from './stage.js';

let stage: ReleaseStage;
let server: GitServer;
let token: string;
const more: RunningShop[] = [];
/** What happens before git's server answers. */
let before: (url: URL) => boolean;

/** The repository as it is when 1.1.0 turns out bad: what it brought, and what came after. */
async function open(bad: (gitHub: Stage) => void, after: (gitHub: Stage) => void = () => undefined) {
  stage = await releaseStage((gitHub) => {
    gitHub.commit('cart.txt', 'good\n');
    const good = gitHub.git('rev-parse', 'HEAD');
    bad(gitHub);
    const head = gitHub.git('rev-parse', 'HEAD');
    after(gitHub);
    return { '1.0.0': good, '1.1.0': head };
  });
  token = stage.gitHub.server.control.addToken({ actor: 'octocat', permissions: allWrite }).token;
  server = await gitServer(stage.gitHub.gitDir, token, (url) => before(url));
  // What runs is bad, and the colour before it is gone: only the code can be taken back.
  await stage.shops.blue.close();
}
beforeEach(() => {
  more.splice(0);
  before = () => true;
});
afterEach(async () => {
  await Promise.all([server.close(), ...more.map((shop) => shop.close())]);
  await stage.close();
});

const run = (inputs: Record<string, string>, given = token) =>
  stage.run(
    { mode: 'now', reason: 'orders are lost', strategy: 'git-revert', 'code-token': given, ...inputs },
    { env: { GITHUB_SERVER_URL: server.url } },
  );
const reportOf = (runner: TestRunner): AnalysisReport =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));
const git = (...args: string[]) => stage.gitHub.git(...args);
const badCart = (gitHub: Stage) => void gitHub.commit('cart.txt', 'bad\n');
const unrelated = (gitHub: Stage) => void gitHub.commit('other.txt', 'later\n');
/** A merge that brings the bad cart, by a branch of its own. */
function mergedCart(gitHub: Stage) {
  gitHub.git('checkout', '-q', '-b', 'cart');
  gitHub.commit('cart.txt', 'bad\n');
  gitHub.commit('list.txt', 'bad\n');
  gitHub.git('checkout', '-q', 'main');
  gitHub.commit('readme.txt', 'meanwhile\n');
  gitHub.git('merge', '-q', '--no-ff', '-m', 'Merge the cart', 'cart');
}

describe('the strategy git-revert', () => {
  it.each([
    ['a commit', badCart],
    ['a merge', mergedCart],
  ])(
    'takes %s back on the default branch, keeps what came later, and says that traffic has not moved',
    async (_, bad) => {
      await open(bad, unrelated);
      const before = git('rev-parse', 'main');
      const runner = await run({ 'revert-by': 'direct' });
      expect(runner.outputs.get('result')).toBe('held');
      const { takeBack } = reportOf(runner);
      expect(takeBack).toMatchObject({ result: 'started', trafficMoved: false });
      expect(git('show', 'main:cart.txt')).toBe('good');
      expect(git('show', 'main:other.txt')).toBe('later');
      expect(git('rev-parse', 'main^')).toBe(before);
      expect(git('show', '-s', '--format=%B', 'main')).toMatch(
        /^Revert shop 1\.1\.0 to 1\.0\.0\n\norders are lost\n\nThis reverts:\n- [0-9a-f]{40}/,
      );
      expect(takeBack!.message).toContain(git('rev-parse', 'main').slice(0, 12));
      expect(stage.router.stats().live).toBe('green');
      expect(runner.outputs.get('incident')).not.toBe('');
      expect(JSON.stringify([...runner.files.values(), runner.failure])).not.toContain(token);
    },
  );

  it('opens a pull request by default, and finds it again', async () => {
    await open(badCart, unrelated);
    const runner = await run({});
    expect(reportOf(runner).takeBack).toMatchObject({ result: 'started' });
    expect(git('show', 'main:cart.txt')).toBe('bad');
    const [pull] = await stage.github.rest('GET /repos/{owner}/{repo}/pulls', { state: 'open' });
    expect(pull).toMatchObject({ title: 'Revert shop 1.1.0 to 1.0.0', base: { ref: 'main' } });
    expect(git('show', `${pull!.head.ref}:cart.txt`)).toBe('good');
    expect(runner.failure).toContain(pull!.html_url);
    expect((await run({})).failure).toContain('is open already');
  });

  it('moves nothing where later work touches the same lines, and gives the command to do it by hand', async () => {
    await open(badCart, (gitHub) => void gitHub.commit('cart.txt', 'worse\n'));
    const before = git('rev-parse', 'main');
    const runner = await run({ 'revert-by': 'direct' });
    expect(reportOf(runner).takeBack).toMatchObject({ result: 'refused' });
    expect(runner.failure).toMatch(
      /conflicts with what came after it in cart\.txt\. Fix: revert it by hand: {2}git revert [0-9a-f]{40}/,
    );
    expect(git('rev-parse', 'main')).toBe(before);
  });

  /** Before the first push is answered, somebody does something to the branch. */
  const meanwhile = (act: () => void) => {
    before = ({ search }) => {
      if (!search.includes('receive-pack')) return true;
      before = () => true;
      act();
      return true;
    };
  };
  const direct = async () => {
    const runner = await run({ 'revert-by': 'direct' });
    return { runner, takeBack: reportOf(runner).takeBack! };
  };

  it('is made anew on what came to the branch while it was made', async () => {
    await open(badCart);
    meanwhile(() => stage.gitHub.commit('other.txt', 'meanwhile\n'));
    const { takeBack } = await direct();
    expect(takeBack.result).toBe('started');
    expect([git('show', 'main:cart.txt'), git('show', 'main:other.txt')]).toEqual(['good', 'meanwhile']);
    expect(takeBack.message).toContain(git('rev-parse', 'main').slice(0, 12));
  });

  it('does not bring back what somebody took out of the branch meanwhile, nor count another’s revert as its own', async () => {
    await open(badCart);
    const good = git('rev-parse', 'main^');
    meanwhile(() => git('reset', '-q', '--hard', good));
    const reset = await direct();
    expect([reset.takeBack.result, git('rev-parse', 'main')]).toEqual(['refused', good]);
    expect(reset.runner.failure).toMatch(
      /main moved meanwhile: [0-9a-f]{12} \(1\.1\.0\) is not on the default/,
    );
  });

  it('that another did meanwhile is said to be done already, and nothing is pushed', async () => {
    await open(badCart);
    let theirs = '';
    meanwhile(() => (theirs = stage.gitHub.commit('cart.txt', 'good\n')));
    const { runner, takeBack } = await direct();
    expect([takeBack.result, git('rev-parse', 'main')]).toEqual(['refused', theirs]);
    expect(runner.failure).toContain('main moved meanwhile: it is reverted already');
  });

  it('whose push gets no answer is looked for on the branch; where nobody can look, that is not known', async () => {
    await open(badCart);
    const bad = git('rev-parse', 'main');
    before = ({ pathname }) => !pathname.endsWith('git-receive-pack');
    const tried = await direct();
    expect([tried.takeBack.result, git('rev-parse', 'main')]).toEqual(['refused', bad]);
    let answers = true;
    before = ({ pathname }) => {
      if (pathname.endsWith('git-receive-pack')) answers = false;
      return answers;
    };
    const { runner, takeBack } = await direct();
    expect([takeBack.result, takeBack.trafficMoved]).toEqual(['held', false]);
    expect(runner.failure).toMatch(/whether [0-9a-f]{12}, which reverts it, reached main is not known/);
  });

  it('leaves workflow files to people, and an older commit that is no ancestor alone', async () => {
    await open((gitHub) => {
      badCart(gitHub);
      writeFileSync(join(gitHub.gitDir, 'x'), '');
      gitHub.git(
        'update-index',
        '--add',
        '--cacheinfo',
        `100644,${gitHub.git('hash-object', '-w', 'x')},.github/workflows/ci.yml`,
      );
      gitHub.git('commit', '-q', '-m', 'CI');
    });
    expect((await run({ 'revert-by': 'direct' })).failure).toContain(
      '.github/workflows/ci.yml changed between',
    );
  });

  it('says why a token that may not push does not', async () => {
    await open(badCart);
    expect((await run({ 'revert-by': 'direct' }, `${token}x`)).failure).toMatch(/git clone ended with 128/);
    expect((await run({ 'revert-by': 'direct' }, '')).failure).toContain('the input code-token is missing');
  });
});

describe('rules of a branch', () => {
  it.each([
    [['deletion', 'non_fast_forward'], undefined],
    [[], undefined],
    [['pull_request'], 'asks for a pull request'],
    [['required_status_checks', 'merge_queue'], 'asks for checks before a push and asks for the merge queue'],
  ])('%j: a direct push is stopped by %s', (types, why) => {
    const said = forbidsPush(
      'main',
      types.map((type) => ({ type })),
    );
    if (why === undefined) expect(said).toBeUndefined();
    else expect(said).toContain(`a rule of main ${why}. Fix: set "revert-by: pull-request"`);
  });
});

describe('the strategy tag', () => {
  it('that somebody moved on, to a fix perhaps, is not moved back over it', async () => {
    await open(badCart, unrelated);
    git('tag', 'live', 'main');
    const fix = git('rev-parse', 'main');
    const runner = await run({ strategy: 'tag', tag: 'live' });
    expect(runner.outputs.get('result')).toBe('held');
    expect(runner.failure).toMatch(
      /tag live is at [0-9a-f]{12}, and not at [0-9a-f]{12} \(1\.1\.0\): somebody moved it/,
    );
    expect(git('rev-parse', 'live')).toBe(fix);
  });

  it('that is annotated is read by its commit', async () => {
    await open(badCart);
    git('tag', '-a', '-m', 'live', 'live', 'main');
    const good = git('rev-parse', 'main^');
    const runner = await run({ strategy: 'tag', tag: 'live', 'strategy-timeout': '3s' });
    expect(runner.outputs.get('result')).toBe('held');
    expect(git('rev-parse', 'live^{commit}')).toBe(good);
  });

  it('moves the tag that the delivery follows, and counts as restored once the router and the colour say so', async () => {
    await open(badCart);
    git('tag', 'live-production', 'main');
    const running = run({ strategy: 'tag', tag: 'live-{environment}' });
    const good = git('rev-parse', 'main^');
    await until(() => git('rev-parse', 'live-production') === good, 'the tag is moved');
    // The delivery that follows the tag, in place.
    const { port } = stage.shops.green;
    await stage.shops.green.close();
    more.push(await startShop({ port, version: '1.0.0', colour: 'green', digest: digests['1.0.0'] }));
    const runner = await running;
    expect([runner.outputs.get('result'), runner.failure]).toEqual(['rolled-back', undefined]);
    const { records } = await listDeployments(stage.github, { environments: ['production'] });
    expect(records.map(({ payload, ...record }) => [payload.kind, outcomeOf(record).is])).toEqual([
      ['rollback', 'succeeded'],
      ['release', 'taken-back'],
      ['release', 'succeeded'],
    ]);
    expect(git('for-each-ref', 'refs/devops-actions/*/*/lock')).toBe('');
  });

  it('that the token may not move is refused, and the next strategy is tried', async () => {
    await open(badCart);
    const reader = stage.gitHub.server.control.addToken({
      actor: 'octocat',
      permissions: { contents: 'read' },
    });
    const runner = await run({ strategy: 'tag, git-revert', tag: 'live' }, reader.token);
    expect(runner.outputs.get('result')).toBe('held');
    expect(runner.failure).toMatch(
      /tag: code-token may not move the tag live[\s\S]*git-revert: git clone ended with 128.*Fix: give the App/,
    );
    expect(reportOf(runner).takeBack).toMatchObject({ result: 'refused', trafficMoved: false });
  });

  it('says that it is on its way where nothing follows in time, and claims no rollback', async () => {
    await open(badCart);
    const runner = await run({ strategy: 'tag', tag: 'live', 'strategy-timeout': '3s' });
    expect(runner.outputs.get('result')).toBe('held');
    expect(reportOf(runner).takeBack).toMatchObject({ result: 'started', trafficMoved: false });
    expect(git('rev-parse', 'live')).toBe(git('rev-parse', 'main^'));
    expect((await listDeployments(stage.github, { environments: ['production'] })).records).toHaveLength(2);
  });
});
