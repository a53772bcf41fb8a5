import { describe, expect, it } from '@jest/globals';
import { explainRefusal } from '../../../shared/github/problem.js';
import { readLimits, waitBeforeRetry } from '../../../shared/github/retry.js';

const now = 1_800_000_000_000;
const middle = () => 0.5;
const limits = (status: number, headers: Record<string, unknown> = {}, message = '') =>
  readLimits(status, headers, message, now);
const waits = (
  status: number,
  repeatable: boolean,
  headers: Record<string, unknown> = {},
  message = '',
  tries = 1,
) => waitBeforeRetry(limits(status, headers, message), tries, repeatable, middle);

describe('a call is tried again', () => {
  it.each([0, 500, 502, 503, 504])('after %d when it only reads', (status) => {
    expect(waits(status, true)).toBeGreaterThan(0);
    expect(waits(status, false)).toBeUndefined();
  });

  it.each([
    [429, {}, ''],
    [403, { 'retry-after': '2' }, ''],
    [429, { 'retry-after': 2 }, ''],
    [403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 2) }, ''],
    [403, {}, 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'],
    [403, {}, 'You have triggered an abuse detection mechanism.'],
  ])('after a limit (%d %j %s), even when it writes: it was not carried out', (status, headers, message) => {
    expect(waits(status, false, headers, message)).toBeGreaterThanOrEqual(0);
  });

  it('when GitHub says, in seconds from now or at a time', () => {
    expect(waits(403, false, { 'retry-after': '7' })).toBe(7_000);
    expect(
      waits(403, false, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 + 3) }),
    ).toBe(3_000);
    expect(
      waits(403, false, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1_000 - 3) }),
    ).toBe(0);
    expect(waits(503, true, { 'retry-after': '4' })).toBe(4_000);
  });

  it('after growing waits, spread by chance between half and whole', () => {
    const waited = [1, 2, 3, 4].map((tries) => waits(502, true, {}, '', tries));
    expect(waited).toEqual([187.5, 375, 750, 1_500]);
    const of = (random: number) => waitBeforeRetry(limits(502), 1, true, () => random);
    expect([of(0), of(0.999_999)]).toEqual([125, expect.closeTo(250, 2)]);
  });
});

describe('a call is given up', () => {
  it('after five tries', () => expect(waits(502, true, {}, '', 5)).toBeUndefined());

  it.each([400, 401, 403, 404, 409, 422])('after %d, which repeating does not change', (status) => {
    expect(waits(status, true)).toBeUndefined();
  });

  it('when the limit passes later than in a minute', () => {
    expect(waits(403, true, { 'retry-after': '60' })).toBe(60_000);
    expect(waits(403, true, { 'retry-after': '61' })).toBeUndefined();
  });

  it('when it writes and a 5xx comes with a retry-after: it may have been carried out', () => {
    for (const status of [500, 502, 503])
      expect(waits(status, false, { 'retry-after': '1' })).toBeUndefined();
  });

  it('when a 403 has nothing to do with limits', () => {
    expect(
      waits(403, false, { 'x-ratelimit-remaining': '10' }, 'Resource not accessible by integration'),
    ).toBeUndefined();
    expect(waits(404, true, {}, 'Not Found: abuse-reports')).toBeUndefined();
  });

  it('and headers that are no numbers are not believed', () => {
    expect(limits(429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' })).toEqual({
      status: 429,
      secondaryLimit: false,
    });
  });
});

describe('a refusal', () => {
  it.each(['integration', 'personal access token'])('for a permission names the line to add (%s)', (by) => {
    const error = explainRefusal(
      { route: 'POST /x' },
      {
        status: 403,
        message: `Resource not accessible by ${by}`,
        acceptedPermissions: 'pull_requests=write,contents=read; administration=write',
      },
      { job: 'release' },
    );
    expect(error.permission).toBe('pull-requests: write\n    contents: read');
    expect(error.message).toBe(
      `This job may not write pull-requests or read contents (403 to POST /x: Resource not accessible by ${by}).\n` +
        'Fix: under jobs.release.permissions add  pull-requests: write  and  contents: read [permission-missing]',
    );
  });

  it('that nothing is known of names the place where permissions are listed', () => {
    const error = explainRefusal(
      { route: 'X', document: 'query X { viewer { login } }' },
      { status: 403, message: 'Resource not accessible by integration' },
    );
    expect([error.permission, error.message]).toEqual([
      undefined,
      expect.stringContaining('under jobs.<this job>.permissions add  what the README of this action lists'),
    ]);
  });

  it.each([
    [401, 'Bad credentials', 'does not know the token'],
    [0, 'connect ECONNREFUSED', 'could not be reached for GET /x: connect ECONNREFUSED'],
    [404, 'Not Found', 'GitHub has no such thing (404 to GET /x): Not Found.'],
    [422, 'Validation Failed', 'answered 422 to GET /x: Validation Failed'],
  ])('%d %s is told in words', (status, message, words) => {
    expect(explainRefusal({ route: 'GET /x' }, { status, message }).message).toContain(words);
    expect(explainRefusal({ route: 'GET /x' }, { status, message }).status).toBe(status);
  });
});

describe('switch fault 16: a missing permission that GitHub does not name is named by what was asked', () => {
  const denied = { status: 403, message: 'Resource not accessible by integration' };
  const at = '/repos/{owner}/{repo}';
  it.each([
    [`GET ${at}/contents/{path}`, 'contents: read'],
    [`POST ${at}/git/refs`, 'contents: write'],
    [`GET ${at}/commits/{ref}`, 'contents: read'],
    [`GET ${at}/compare/{basehead}`, 'contents: read'],
    [`POST ${at}/deployments/{deployment_id}/statuses`, 'deployments: write'],
    [`GET ${at}/deployments`, 'deployments: read'],
    [`POST ${at}/issues/{issue_number}/comments`, 'issues: write'],
    [`GET ${at}/actions/runs/{run_id}/attempts/{attempt_number}`, 'actions: read'],
    [`GET ${at}/commits/{ref}/check-runs`, 'checks: read'],
    [`GET ${at}/commits/{ref}/status`, 'statuses: read'],
    [`POST ${at}/statuses/{sha}`, 'statuses: write'],
    [`GET ${at}/pulls/{pull_number}`, 'pull-requests: read'],
  ])('REST %s', (route, permission) => {
    const error = explainRefusal({ route }, denied, { job: 'gate' });
    expect(error.permission).toBe(permission);
    expect(error.message).toContain(`\nFix: under jobs.gate.permissions add  ${permission}`);
  });

  const document = 'query Q { repository { issues { nodes { id } } deployments { nodes { id } } } }';
  it.each([
    [['repository', 'issues', 'nodes', 0], 'issues: read'],
    [['repository', 'deployments'], 'deployments: read'],
    [undefined, 'issues: read\n    deployments: read'],
  ])('GraphQL, refused at %j', (path, permission) => {
    const error = explainRefusal({ route: 'Q', document }, { ...denied, path });
    expect(error.permission).toBe(permission);
  });
});

it('a call that GitHub knows nothing of is shown as it was sent, and what is not there by its name', () => {
  const route = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const parameters = { owner: 'acme', repo: 'shop', deployment_id: 100018 };
  const { message } = explainRefusal(
    { route, parameters },
    { status: 404, message: 'Not Found' },
    { job: 'deploy' },
  );
  expect(message).toBe(
    'GitHub has no Deployment 100018 (404 to POST /repos/acme/shop/deployments/100018/statuses): Not Found.\n' +
      'Fix: correct its name if it is wrong. If it is there, this job may not see it: under jobs.deploy.permissions add  deployments: write',
  );
});
