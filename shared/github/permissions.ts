/** Which permission of a job a part of a REST path belongs to; the last part of a path that is listed decides. */
const byPathPart: Readonly<Record<string, string>> = {
  actions: 'actions',
  activity: 'contents',
  'check-runs': 'checks',
  'check-suites': 'checks',
  commits: 'contents',
  compare: 'contents',
  contents: 'contents',
  branches: 'contents',
  releases: 'contents',
  tags: 'contents',
  git: 'contents',
  deployments: 'deployments',
  environments: 'actions',
  issues: 'issues',
  pulls: 'pull-requests',
  statuses: 'statuses',
  status: 'statuses',
};

/** The same for a field of a GraphQL document. */
const byField: Readonly<Record<string, string>> = {
  object: 'contents',
  ref: 'contents',
  refs: 'contents',
  defaultBranchRef: 'contents',
  history: 'contents',
  deployments: 'deployments',
  deployment: 'deployments',
  latestStatus: 'deployments',
  issues: 'issues',
  issue: 'issues',
  pullRequests: 'pull-requests',
  pullRequest: 'pull-requests',
  associatedPullRequests: 'pull-requests',
  workflowRun: 'actions',
  checkSuites: 'checks',
  checkRuns: 'checks',
  statusCheckRollup: 'checks',
  status: 'statuses',
};

/**
 * Needs as lines of `permissions`, by `deployments=write; contents=read`: alternatives separated by `;`, joint needs by
 * `,`; the first alternative is taken.
 */
export function needsByHeader(header: string | undefined): string[] | undefined {
  const needs = header
    ?.split(';')[0]
    ?.split(',')
    .map((need) => need.trim().replace('=', ': ').replaceAll('_', '-'))
    .filter((need) => need !== '');
  return needs && needs.length > 0 ? needs : undefined;
}

/** What a REST route such as `GET /repos/{owner}/{repo}/issues` needs of a job; nothing when that is not known. */
export function needsOfRoute(route: string): string[] {
  const [method, path = ''] = route.split(' ');
  const parts = path.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  // The statuses of a Deployment are its own, unlike those of a commit.
  const known = parts.includes('deployments')
    ? 'deployments'
    : parts.map((part) => byPathPart[part]).findLast((permission) => permission !== undefined);
  return known === undefined ? [] : [`${known}: ${method === 'GET' ? 'read' : 'write'}`];
}

/** What a GraphQL document needs: of the field that was refused where GitHub names it, else of all its fields. */
export function needsOfDocument(document: string, path: readonly (string | number)[] = []): string[] {
  const access = /^\s*mutation\b/.test(document) ? 'write' : 'read';
  const refused = path.map((part) => byField[part]).findLast((permission) => permission !== undefined);
  const all = [...document.matchAll(/\w+/g)].flatMap(([word]) => byField[word] ?? []);
  return (refused === undefined ? [...new Set(all)] : [refused]).map((name) => `${name}: ${access}`);
}

/** `read issues`, `write deployments`; several are joined. */
export function missingOf(needs: readonly string[]): string {
  if (needs.length === 0) return 'do this';
  return needs
    .map((need) => need.split(': '))
    .map(([name = '', access = 'use']) => `${access} ${name}`)
    .join(' or ');
}

/** The lines to add, in one sentence. */
export function describeNeeds(needs: readonly string[]): string {
  return needs.length === 0
    ? 'what the README of this action lists under "Permissions"'
    : needs.join('  and  ');
}

/** What the settings of a fine-grained token call a permission, where that is not the same word. */
const inSettings: Readonly<Record<string, string>> = {
  'pull-requests': 'Pull requests',
  statuses: 'Commit statuses',
};

/**
 * How a person gives the token of a laptop what it lacks, in one sentence; needs are lines such as `deployments: read`. A
 * fine-grained token has the permissions of a job under names of its own, all but checks; other tokens have scopes.
 */
export function tokenFix(tokenFrom: string, needs: readonly string[]): string {
  const names = needs.map((need) => need.split(': ')[0]!);
  const settings = needs
    .map((need) => need.split(': '))
    .filter(([name]) => name !== 'checks')
    .map(([name = '', access]) => {
      const shown = inSettings[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}`;
      return `${shown}: ${access === 'write' ? 'Read and write' : 'Read-only'}`;
    });
  const fine = names.includes('checks')
    ? 'GitHub gives no fine-grained token the right to read checks'
    : `a fine-grained token needs, under its repository permissions, ${settings.join(', ')}`;
  return `give the token of ${tokenFrom}  ${describeNeeds(needs)}  (scope repo for a classic token or that of gh: gh auth refresh --scopes repo; ${fine})`;
}
