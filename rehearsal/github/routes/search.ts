import { GitHubError } from '../errors.js';
import type { Issue, Repo } from '../model.js';
import { issueJson } from '../represent/issues.js';
import { fullName } from '../represent/repository.js';
import { hasLabels } from '../rules/issues.js';
import { type Answer, pageOf, paged, type RestContext, type Route } from '../route.js';
import { iso } from '../state.js';

interface Hit {
  repo: Repo;
  issue: Issue;
}

/** OpenAPI search/issues-and-pull-requests: whatever matches, only the first 1,000 results are given out. */
const maxResults = 1000;

type Test = (value: string) => (hit: Hit) => boolean;

const inDay =
  (at: (issue: Issue) => number | null): Test =>
  (value) =>
  ({ issue }) => {
    const time = at(issue);
    if (time === null) return false;
    const [, sign = '', date = ''] = /^(>=|<=|>|<)?(.*)$/.exec(value) ?? [];
    const moment = iso(time).slice(0, date.length);
    if (sign === '') return moment === date;
    if (sign.startsWith('>')) return moment > date || (sign === '>=' && moment === date);
    return moment < date || (sign === '<=' && moment === date);
  };

const is: Record<string, (hit: Hit) => boolean> = {
  issue: ({ issue }) => issue.pull === null,
  pr: ({ issue }) => issue.pull !== null,
  open: ({ issue }) => issue.state === 'open',
  closed: ({ issue }) => issue.state === 'closed',
  merged: ({ issue }) => (issue.pull?.mergedAt ?? null) !== null,
};

const notServed = (term: string): GitHubError =>
  new GitHubError(
    422,
    `The GitHub stand-in does not serve the search term ${term}: add it to routes/search.ts`,
  );

const isTest: Test = (value) => {
  const test = is[value];
  if (test === undefined) throw notServed(`is:${value}`);
  return test;
};

const qualifiers: Record<string, Test> = {
  repo:
    (value) =>
    ({ repo }) =>
      fullName(repo).toLowerCase() === value.toLowerCase(),
  is: isTest,
  type: isTest,
  state: isTest,
  label:
    (value) =>
    ({ issue }) =>
      hasLabels(issue, [value]),
  author:
    (value) =>
    ({ issue }) =>
      issue.author.login === value.replace(/^app\/(.+)$/, '$1[bot]'),
  created: inDay(({ createdAt }) => createdAt),
  closed: inDay(({ closedAt }) => closedAt),
  updated: inDay(({ updatedAt }) => updatedAt),
};

/** The tests a search text asks for: `name:value`, `name:"two words"`, and plain words looked for in title and body. */
function testsOf(text: string): ((hit: Hit) => boolean)[] {
  const terms = [...text.matchAll(/(?:(\w+):)?(?:"([^"]*)"|(\S+))/g)];
  return terms.map(([term, name, quoted, bare]) => {
    const value = quoted ?? bare ?? '';
    if (name === undefined) {
      return ({ issue }) => `${issue.title}\n${issue.body}`.toLowerCase().includes(value.toLowerCase());
    }
    const qualifier = qualifiers[name];
    if (qualifier === undefined) throw notServed(term);
    return qualifier(value);
  });
}

function search(context: RestContext): Promise<Answer> {
  const { state, query } = context;
  const tests = testsOf(String(query['q']));
  const { page, perPage } = pageOf(query);
  if ((page - 1) * perPage >= maxResults) {
    throw new GitHubError(422, 'Only the first 1000 search results are available');
  }
  const hits = [...state.repos.values()]
    .flatMap((repo) => repo.issues.map((issue) => ({ repo, issue })))
    .filter((hit) => tests.every((test) => test(hit)))
    .sort((a, b) => b.issue.createdAt - a.issue.createdAt || b.issue.id - a.issue.id);
  return paged(
    context,
    hits.slice(0, maxResults),
    ({ repo, issue }) => ({ ...issueJson(state, repo, issue), score: 1 }),
    (items) => ({ total_count: hits.length, incomplete_results: false, search_type: 'lexical', items }),
  );
}

export const searchRoutes: readonly Route[] = [
  { operation: 'GET /search/issues', needs: [['issues', 'read']], handle: search },
];
