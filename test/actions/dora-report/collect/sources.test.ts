import { describe, expect, it } from '@jest/globals';
import { listPlainDeployments } from '../../../../actions/dora-report/collect/sources/plain-deployments.js';
import { listReleases } from '../../../../actions/dora-report/collect/sources/releases.js';
import type { SourceRequest } from '../../../../actions/dora-report/collect/sources/request.js';
import { listRuns } from '../../../../actions/dora-report/collect/sources/runs.js';
import { listTags } from '../../../../actions/dora-report/collect/sources/tags.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { epoch, instant, question, sha } from '../ledger-facts.js';

const request: SourceRequest = {
  source: 'deployments',
  environment: 'production',
  from: epoch(question.from),
  writers: [],
  creators: [],
  service: 'shop',
  workflow: 'deploy.yml',
  tagPrefix: '',
};
const github = (answers: { rest?: unknown; repository?: unknown }) =>
  ({
    owner: 'acme',
    repository: 'shop',
    rest: async () => answers.rest,
    graphql: async () => ({ repository: answers.repository }),
  }) as unknown as GitHub;
const pageInfo = { hasNextPage: false, endCursor: null };

describe('plain Deployments', () => {
  const node = {
    databaseId: 5,
    task: 'deploy',
    environment: 'production',
    commitOid: sha('a'),
    createdAt: instant('03-03 09:59'),
    payload: null,
    ref: null,
    creator: { __typename: 'Bot', login: 'deployer' },
    // GitHub lists them newest first.
    statuses: {
      nodes: [
        { state: 'INACTIVE', createdAt: instant('03-04 10:00'), logUrl: null },
        {
          state: 'SUCCESS',
          createdAt: instant('03-03 10:00'),
          logUrl: 'https://github.example/acme/shop/actions/runs/77/job/1',
        },
      ],
    },
  };
  const read = async (more: object, creators: string[] = []) =>
    (
      await listPlainDeployments(
        github({ repository: { deployments: { pageInfo, nodes: [{ ...node, ...more }] } } }),
        {
          ...request,
          creators,
        },
      )
    ).deployments[0]!;

  it('rule 23: a Deployment of a tag or sha without a ref has its commit, and the run its log names', async () => {
    expect(await read({})).toMatchObject({
      sha: sha('a'),
      version: sha('a').slice(0, 7),
      kind: 'release',
      run: { id: 77, attempt: 1 },
      statuses: [
        { state: 'success', at: instant('03-03 10:00') },
        { state: 'inactive', at: instant('03-04 10:00') },
      ],
      distrust: [],
    });
  });

  it('of a branch named for it are hotfixes', async () => {
    expect((await read({ ref: { name: 'hotfix/cart' } })).kind).toBe('hotfix');
    expect((await read({ ref: { name: 'main' } })).kind).toBe('release');
  });

  it('of an account that was not named are not believed', async () => {
    expect((await read({}, ['deployer[bot]'])).distrust).toEqual([]);
    expect((await read({}, ['deployer'])).distrust).toHaveLength(1);
  });
});

describe('successful runs', () => {
  it('are deployments unless a pull request started them', async () => {
    const run = {
      id: 7,
      created_at: instant('03-03 09:50'),
      updated_at: instant('03-03 10:00'),
      conclusion: 'success',
      event: 'push',
      head_sha: sha('a'),
      head_branch: 'main',
      run_attempt: 2,
      html_url: 'https://github.example/acme/shop/actions/runs/7',
    };
    const runs = [run, { ...run, id: 8, event: 'pull_request' }, { ...run, id: 9, conclusion: 'failure' }];
    const { deployments, complete } = await listRuns(github({ rest: { workflow_runs: runs } }), request);
    expect([deployments.map(({ id }) => id), complete]).toEqual([[7], true]);
    expect(deployments[0]!.statuses).toEqual([{ state: 'success', at: instant('03-03 10:00') }]);
  });

  it('without a workflow are an error that says what to name', async () => {
    await expect(listRuns(github({}), { ...request, workflow: undefined })).rejects.toThrow(/deploy\.yml/);
  });
});

describe('tags and releases', () => {
  const refs = {
    pageInfo,
    nodes: [
      {
        name: 'v2',
        target: {
          __typename: 'Tag',
          oid: sha('tag'),
          tagger: { date: '2026-03-04T11:00:00+01:00' },
          target: { __typename: 'Commit', oid: sha('b') },
        },
      },
      { name: 'v1', target: { __typename: 'Commit', oid: sha('a'), committedDate: instant('03-03 10:00') } },
      { name: 'data', target: { __typename: 'Blob', oid: sha('x') } },
    ],
  };

  it('rule 23: a tag is deployed with the commit it stands on, when it was set', async () => {
    const { deployments } = await listTags(github({ repository: { refs } }), { ...request, tagPrefix: 'v' });
    expect(deployments.map((d) => [d.version, d.sha, d.createdAt])).toEqual([
      ['v2', sha('b'), instant('03-04 10:00')],
      ['v1', sha('a'), instant('03-03 10:00')],
    ]);
  });

  it('a release is deployed when it was published; drafts and pre-releases are not', async () => {
    const release = {
      id: 1,
      tag_name: 'v1',
      html_url: 'https://github.example/acme/shop/releases/tag/v1',
      draft: false,
      prerelease: false,
      published_at: instant('03-05 10:00'),
    };
    const rest = [
      { ...release, id: 3, tag_name: 'v2', draft: true, published_at: null },
      { ...release, id: 2, tag_name: 'v2', prerelease: true },
      release,
    ];
    const { deployments, complete } = await listReleases(github({ rest, repository: { refs } }), request);
    expect(deployments.map((d) => [d.id, d.sha, d.createdAt])).toEqual([
      [1, sha('a'), instant('03-05 10:00')],
    ]);
    expect(complete).toBe(true);
  });

  it('a release whose tag is gone is said to be missing, not left out in silence', async () => {
    const gone = {
      id: 4,
      tag_name: 'v9',
      html_url: '',
      draft: false,
      prerelease: false,
      published_at: instant('03-05 10:00'),
    };
    const { deployments, complete } = await listReleases(
      github({ rest: [gone], repository: { refs } }),
      request,
    );
    expect([deployments, complete]).toEqual([[], false]);
  });
});
