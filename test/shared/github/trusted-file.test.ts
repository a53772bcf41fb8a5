import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../shared/config/problem.js';
import type { GitHub } from '../../../shared/github/client.js';
import { readTrustedFile } from '../../../shared/github/trusted-file.js';

const commit = 'a'.repeat(40);

/** GitHub's answer about one file of the default branch; remembers what was asked. */
function gitHub(
  object: object | null,
  branch: object | null = { name: 'main', target: { oid: commit, file: { object } } },
) {
  const asked: unknown[] = [];
  const github = {
    owner: 'acme',
    repository: 'shop',
    graphql: async (_: string, variables: unknown) => {
      asked.push(variables);
      return { repository: { defaultBranchRef: branch } };
    },
  } as unknown as GitHub;
  return { github, asked };
}

describe('a trusted file', () => {
  it('is read from the default branch, with the commit it was read at, in one request', async () => {
    const { github, asked } = gitHub({
      __typename: 'Blob',
      text: 'version: 1\n',
      isTruncated: false,
      byteSize: 11,
    });
    expect(await readTrustedFile(github, './.github/rollback.yml')).toEqual({
      text: 'version: 1\n',
      commit,
      branch: 'main',
    });
    expect(asked).toEqual([{ path: '.github/rollback.yml' }]);
  });

  it('may be empty: that is for its schema to refuse', async () => {
    expect(
      await readTrustedFile(gitHub({ __typename: 'Blob', text: '', byteSize: 0 }).github, 'x'),
    ).toMatchObject({ text: '' });
  });

  it.each<[string, object | null, string]>([
    ['missing', null, 'merge policy.yml to main'],
    ['a folder', { __typename: 'Tree' }, 'a tree'],
    [
      'truncated by GitHub',
      { __typename: 'Blob', text: 'version', isTruncated: true, byteSize: 600_000 },
      'truncated',
    ],
    [
      'too large',
      { __typename: 'Blob', text: 'x', isTruncated: false, byteSize: 2_000_000 },
      '2000000 bytes',
    ],
    ['binary', { __typename: 'Blob', text: null, isTruncated: false, byteSize: 10 }, 'a binary file'],
  ])('that is %s is a configuration error', async (_, object, message) => {
    const reading = readTrustedFile(gitHub(object).github, 'policy.yml');
    await expect(reading).rejects.toThrow(ConfigurationError);
    await expect(reading).rejects.toThrow(message);
  });

  it('of a repository without any commit is a configuration error', async () => {
    await expect(readTrustedFile(gitHub(null, null).github, 'policy.yml')).rejects.toThrow(
      'no default branch',
    );
  });
});
