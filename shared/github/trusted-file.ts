import { ConfigurationError } from '../config/problem.js';
import type { GitHub } from './client.js';

/** A file as it stands on the default branch, and the commit it was read at. */
export interface TrustedFile {
  text: string;
  /** Full sha of the default branch's head when the file was read. */
  commit: string;
  branch: string;
}

/** The largest file that is read, in bytes. */
const maxBytes = 1_048_576;

const fileQuery = /* GraphQL */ `
  query TrustedFile($owner: String!, $name: String!, $path: String!) {
    repository(owner: $owner, name: $name) {
      defaultBranchRef {
        name
        target {
          oid
          ... on Commit {
            file(path: $path) {
              object {
                __typename
                ... on Blob {
                  text
                  isTruncated
                  byteSize
                }
              }
            }
          }
        }
      }
    }
  }
`;

interface FileAnswer {
  repository: {
    defaultBranchRef: {
      name: string;
      target: {
        oid: string;
        file?: {
          object?: {
            __typename: string;
            text?: string | null;
            isTruncated?: boolean;
            byteSize?: number;
          } | null;
        } | null;
      } | null;
    } | null;
  } | null;
}

/**
 * A file of the default branch at one resolved commit, read in one request: neither the workspace nor the released
 * commit can change what it says. A missing, binary, oversized or truncated file is a ConfigurationError. Needs
 * `contents: read`.
 */
export async function readTrustedFile(github: GitHub, path: string): Promise<TrustedFile> {
  const answer = await github.graphql<FileAnswer>(fileQuery, { path: path.replace(/^\.?\/+/, '') });
  const where = `${github.owner}/${github.repository}`;
  const refuse = (got: string, fix: string): never => {
    throw new ConfigurationError([
      {
        file: path,
        path: '',
        got,
        allowed: `a text file of at most ${maxBytes} bytes on the default branch`,
        fix,
      },
    ]);
  };
  const branch = answer.repository?.defaultBranchRef;
  const commit = branch?.target?.oid;
  if (!branch || !commit) {
    return refuse(`no default branch in ${where}`, 'push a first commit, and grant the job "contents: read"');
  }
  const blob = branch.target?.file?.object;
  if (!blob) {
    return refuse(
      `no such file at ${branch.name} (${commit.slice(0, 12)}) of ${where}`,
      `merge ${path} to ${branch.name}: a copy in the workspace or in the released commit does not count`,
    );
  }
  if (blob.__typename !== 'Blob')
    return refuse(`a ${blob.__typename.toLowerCase()}`, `name a file, not a folder`);
  if (blob.isTruncated || (blob.byteSize ?? 0) > maxBytes) {
    return refuse(`${blob.byteSize ?? 'too many'} bytes, truncated by GitHub`, `make ${path} smaller`);
  }
  if (typeof blob.text !== 'string') return refuse('a binary file', `save ${path} as UTF-8 text`);
  return { text: blob.text, commit, branch: branch.name };
}
