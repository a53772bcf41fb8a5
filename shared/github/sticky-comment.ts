import { link } from '../report/markdown.js';
import type { GitHub } from './client.js';

/** What a comment is about, and where this run stands. */
export interface Commented {
  pull: number;
  /** What writes it, such as `migrations`: each keeps a comment of its own. */
  kind: string;
  /** What tells it from others of its kind, such as environment and service. */
  about: readonly string[];
  /** Markdown. */
  text: string;
  run: string;
}

/** The pull request that started a run, by the ref that GitHub gives it; undefined for every other event. */
export function pullOf({ eventName, ref }: { eventName: string; ref: string }): number | undefined {
  const [, number] = /^refs\/pull\/(\d+)\/(?:merge|head)$/.exec(ref) ?? [];
  return eventName === 'pull_request' && number !== undefined ? Number(number) : undefined;
}

/** Most characters of a comment's text: GitHub takes 65,536, the link and the marker among them. */
export const mostText = 60_000;

const markerOf = ({ kind, about }: Commented): string =>
  `<!-- devops-actions:${kind} ${JSON.stringify(about).replace(/[<>-]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)} -->`;

/** Cut at a line; a line that is longer than half of all is cut within. */
function cutAtLine(text: string): string {
  if (text.length <= mostText) return text;
  const end = text.lastIndexOf('\n', mostText);
  return `${text.slice(0, end < mostText / 2 ? mostText : end)}\n\n✂️ Cut here.`;
}

/**
 * Keeps one comment on a pull request: brings ours up to date, or writes it. One of another author with our marker is
 * left alone. Gives why there is none; that changes no verdict. Needs `pull-requests: write`.
 */
export async function keepComment(
  github: GitHub,
  comment: Commented,
  { repository, writers }: { repository: string; writers: readonly string[] },
): Promise<string | undefined> {
  const { pull, text, run } = comment;
  try {
    const { head } = await github.rest('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
      pull_number: pull,
    });
    if (head.repo?.full_name.toLowerCase() !== repository.toLowerCase())
      return 'The pull request comes from a fork, whose runs may not comment: this summary is all there is.';
    const marker = markerOf(comment);
    const body = `${cutAtLine(text)}\n\n${link('The run, with its whole report', run)}\n\n${marker}\n`;
    const { items } = await github.pages(
      'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
      { issue_number: pull, per_page: 100 },
      (page) => page,
    );
    const ours = items.find(
      ({ user, body: old }) => writers.includes(user?.login ?? '') && old?.trimEnd().endsWith(marker),
    );
    await (ours
      ? github.rest('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: ours.id, body })
      : github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          issue_number: pull,
          body,
        }));
    return undefined;
  } catch (error) {
    return `There is no comment on the pull request: ${error instanceof Error ? error.message : String(error)}`;
  }
}
