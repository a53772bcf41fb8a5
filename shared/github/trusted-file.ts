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

const folderQuery = /* GraphQL */ `
  query TrustedFolder($owner: String!, $name: String!, $path: String!) {
    repository(owner: $owner, name: $name) {
      defaultBranchRef {
        target {
          oid
          ... on Commit {
            file(path: $path) {
              object {
                __typename
                ... on Tree {
                  entries {
                    name
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
      }
    }
  }
`;

interface Entry {
  name: string;
  object: { __typename: string; text?: string | null; isTruncated?: boolean; byteSize?: number } | null;
}
interface FolderAnswer {
  repository: {
    defaultBranchRef: {
      target: {
        oid: string;
        file?: { object?: { __typename: string; entries?: Entry[] | null } | null } | null;
      } | null;
    } | null;
  } | null;
}

/** Files of one folder of the default branch by name, and the commit they were read at. */
export interface TrustedFolder {
  commit: string;
  files: Record<string, string>;
}

/**
 * The files of a folder of the default branch whose names end in this way, read in one request; none where there is no
 * such folder. A file that is binary, oversized or truncated is a ConfigurationError. Needs `contents: read`.
 */
export async function readTrustedFolder(
  github: GitHub,
  folder: string,
  ending: string,
): Promise<TrustedFolder> {
  const path = folder.replace(/^\.?\/+|\/+$/g, '');
  const answer = await github.graphql<FolderAnswer>(folderQuery, { path });
  const target = answer.repository?.defaultBranchRef?.target;
  const refuse = (file: string, got: string, allowed: string, fix: string): never => {
    throw new ConfigurationError([{ file, path: '', got, allowed, fix }]);
  };
  if (!target)
    return refuse(
      path,
      'no default branch that can be read',
      'a folder of the default branch',
      'grant the job "contents: read"',
    );
  const found = target.file?.object;
  if (found && found.__typename !== 'Tree')
    return refuse(path, `a ${found.__typename.toLowerCase()}`, 'a folder', 'name a folder, not a file');
  const files = (found?.entries ?? [])
    .filter(({ name }) => name.endsWith(ending))
    .map(({ name, object }): [string, string] => {
      const file = `${path}/${name}`;
      if (object?.__typename !== 'Blob' || typeof object.text !== 'string' || object.isTruncated)
        return refuse(
          file,
          object?.isTruncated ? `${object.byteSize ?? 'too many'} bytes, truncated by GitHub` : 'no text',
          `a text file of at most ${maxBytes} bytes`,
          `save ${file} as UTF-8 text, or give it a name that does not end in ${ending}`,
        );
      return [name, object.text];
    });
  return { commit: target.oid, files: Object.fromEntries(files) };
}
