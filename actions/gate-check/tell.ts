import type { GitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import { repositoryQuery } from '../../shared/github/repository-query.js';
import { isWriter } from '../../shared/ledger/proof/trust.js';
import { identityOf, type Actor } from '../../shared/ledger/record.js';
import { render } from './render.js';
import type { GateReport } from './report.js';

/** Where the answer is shown beside the job summary, and as whom. */
export interface Telling {
  status: boolean;
  /** Number of a pull request. */
  comment: number | undefined;
  writers: readonly string[];
}

/** Shows the answer where people look. It decides nothing; what could not be shown is given back as a warning. */
export async function tell(github: GitHub, report: GateReport, telling: Telling): Promise<string[]> {
  const told = [
    ...(telling.status ? [() => postStatus(github, report)] : []),
    ...(telling.comment === undefined
      ? []
      : [() => comment(github, report, telling.comment!, telling.writers)]),
  ];
  const warnings: string[] = [];
  for (const one of told) {
    try {
      await one();
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      warnings.push(`The verdict stands, but it was not shown: ${error.message}`);
    }
  }
  return warnings;
}

const states = { pass: 'success', hold: 'pending', fail: 'failure' } as const;

/** Characters of a status' description that GitHub takes. */
const mostDescription = 140;

async function postStatus(github: GitHub, { request, result, gates, opensAt }: GateReport): Promise<void> {
  const against = gates.filter((gate) => gate.result === result).map(({ gate }) => gate);
  const which = result === 'pass' ? '' : `: ${against.join(', ')}${opensAt ? `, opens ${opensAt}` : ''}`;
  await github.rest('POST /repos/{owner}/{repo}/statuses/{sha}', {
    sha: request.sha,
    state: states[result],
    context: `release gate: ${request.environment} ${request.service}`,
    description: `Advisory; ${result}${which}`.slice(0, mostDescription),
    target_url: `${request.repositoryUrl}/actions/runs/${request.run.id}/attempts/${request.run.attempt}`,
  });
}

const commentsQuery = repositoryQuery('GateComments', [
  {
    variables: { number: 'Int!' },
    members: /* GraphQL */ `
      pullRequest(number: $number) {
        comments(last: 100) {
          nodes {
            databaseId
            body
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

interface CommentsAnswer {
  repository: {
    pullRequest: {
      comments: {
        nodes: {
          databaseId: number | null;
          body: string;
          author: Actor | null;
          editor: Actor | null;
          lastEditedAt: string | null;
        }[];
      };
    } | null;
  };
}

/** Characters of a comment that are written; GitHub takes 65,536. */
const mostComment = 60_000;

/** One comment for each environment and service, written anew each time. Only one that nobody else wrote or edited. */
async function comment(
  github: GitHub,
  report: GateReport,
  number: number,
  writers: readonly string[],
): Promise<void> {
  const { environment, service } = report.request;
  const marker = `<!-- devops-actions/gate ${encodeURIComponent(environment)} ${encodeURIComponent(service)} -->`;
  const body = `${marker}\n${render(report)}\n\nThis comment is advisory: the verdict is the run's.`;
  const { repository } = await github.graphql<CommentsAnswer>(commentsQuery, { number });
  const own = (repository.pullRequest?.comments.nodes ?? []).filter(
    ({ body: text, author, editor, lastEditedAt }) =>
      text.startsWith(marker) &&
      [author, ...(lastEditedAt ? [editor] : [])].every((actor) => isWriter(identityOf(actor), writers)),
  );
  const id = own.at(-1)?.databaseId;
  const text = body.length > mostComment ? `${body.slice(0, mostComment)}\n\n(cut)` : body;
  if (id)
    await github.rest('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      comment_id: id,
      body: text,
    });
  else
    await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: number,
      body: text,
    });
}
