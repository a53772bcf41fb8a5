import { isAtLeast, readAccess } from '../../shared/github/role.js';
import { repositoryQuery } from '../../shared/github/repository-query.js';
import { identityOf, type Actor } from '../../shared/ledger/record.js';
import { isWriter } from '../../shared/ledger/proof/trust.js';
import { isPostMortem } from './decide/post-mortem.js';
import type { IncidentPorts } from './ports.js';

interface Answer {
  repository: {
    issue: {
      comments: {
        pageInfo: { hasPreviousPage: boolean };
        nodes: {
          body: string;
          url: string;
          author: Actor | null;
          editor: Actor | null;
          lastEditedAt: string | null;
        }[];
      };
    } | null;
  };
}

const query = repositoryQuery('IncidentComments', [
  {
    variables: { number: 'Int!' },
    members: /* GraphQL */ `
      issue(number: $number) {
        comments(last: 100) {
          pageInfo {
            hasPreviousPage
          }
          nodes {
            body
            url
            author {
              __typename
              login
            }
            editor {
              __typename
              login
            }
            lastEditedAt
          }
        }
      }
    `,
  },
]);

/** The newest comment that is a post-mortem, written by somebody who may triage. */
export interface FoundPostMortem {
  text: string;
  /** Address of the comment; undefined when there is none. */
  url: string | undefined;
  /** Why post-mortems were left out. */
  notes: string[];
}

/** People whose role is looked up; each costs a request. */
const mostPeople = 10;

/** Reads the post-mortem of an incident from its newest hundred comments. Needs `issues: read`. */
export async function readPostMortem(
  { github, writers }: Pick<IncidentPorts, 'github' | 'writers'>,
  number: number,
): Promise<FoundPostMortem> {
  const { repository } = await github.graphql<Answer>(query, { number });
  const comments = repository.issue?.comments;
  const notes: string[] = [];
  const levels = new Map<string, boolean>();
  const mayTriage = async (actor: Actor | null): Promise<boolean> => {
    if (!actor) return false;
    const known = levels.get(actor.login);
    if (known !== undefined || levels.size >= mostPeople) return known ?? false;
    const may = isAtLeast((await readAccess(github, actor.login))?.level, 'triage');
    levels.set(actor.login, may);
    return may;
  };
  for (const { body, url, author, editor, lastEditedAt } of [...(comments?.nodes ?? [])].reverse()) {
    const last = lastEditedAt ? editor : author;
    // The template that the suite itself posts stands in a block of code, and its heading is none.
    if (isWriter(identityOf(last), writers) || !isPostMortem(body)) continue;
    if (await mayTriage(last)) return { text: body, url, notes };
    notes.push(`A post-mortem by ${last?.login ?? 'a deleted account'} does not count: no right to triage.`);
  }
  if (comments?.pageInfo.hasPreviousPage) notes.push('Only the newest 100 comments were looked at.');
  return { text: '', url: undefined, notes };
}
