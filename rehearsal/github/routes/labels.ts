import { found, invalid } from '../errors.js';
import { labelJson, labelsJson } from '../represent/issues.js';
import { ensureLabels, labelNamed } from '../rules/issues.js';
import { created, noContent, ok, paged, type RepoContext, type Route, route } from '../route.js';
import { issueOf, labelNames } from './issues.js';

interface LabelBody {
  name?: string;
  new_name?: string;
  color?: string;
  description?: string | null;
}

type Labels = string[] | { labels?: (string | { name?: string })[] } | undefined;

/** OpenAPI issues/add-labels takes a bare list or an object around it. */
const namesIn = (body: unknown): string[] => {
  const labels = body as Labels;
  return labelNames(Array.isArray(labels) ? labels : (labels?.labels ?? []));
};

function setLabels(context: RepoContext, keep: boolean): Record<string, unknown>[] {
  const { state, repo, body } = context;
  const issue = issueOf(context);
  const names = ensureLabels(state, repo, namesIn(body)).map(({ name }) => name);
  issue.labels = [...new Set([...(keep ? issue.labels : []), ...names])];
  issue.updatedAt = state.now();
  return labelsJson(state, repo, issue);
}

const writes = [
  ['issues', 'write'],
  ['pull_requests', 'write'],
] as const;
const reads = [
  ['issues', 'read'],
  ['pull_requests', 'read'],
] as const;

export const labelRoutes: readonly Route[] = [
  route('GET /labels', reads, (context) =>
    paged(context, context.repo.labels, (label) => labelJson(context.state, context.repo, label)),
  ),
  route('POST /labels', writes, ({ state, repo, body }) => {
    const { name = '', color = 'ededed', description = null } = body as LabelBody;
    if (labelNamed(repo, name) !== null)
      throw invalid({ resource: 'Label', code: 'already_exists', field: 'name' });
    const label = { id: state.nextId(), name, color: color.replace(/^#/, ''), description };
    repo.labels.push(label);
    return created(labelJson(state, repo, label));
  }),
  route('GET /labels/{name}', reads, ({ state, repo, params }) =>
    ok(labelJson(state, repo, found(labelNamed(repo, params['name'] ?? '')))),
  ),
  route('PATCH /labels/{name}', writes, ({ state, repo, params, body }) => {
    const label = found(labelNamed(repo, params['name'] ?? ''));
    const { new_name: name = label.name, color, description } = body as LabelBody;
    for (const issue of repo.issues)
      issue.labels = issue.labels.map((one) => (one === label.name ? name : one));
    label.name = name;
    label.color = color ?? label.color;
    label.description = description === undefined ? label.description : description;
    return ok(labelJson(state, repo, label));
  }),
  route('DELETE /labels/{name}', writes, ({ repo, params }) => {
    const label = found(labelNamed(repo, params['name'] ?? ''));
    repo.labels.splice(repo.labels.indexOf(label), 1);
    for (const issue of repo.issues) issue.labels = issue.labels.filter((name) => name !== label.name);
    return noContent;
  }),
  route('GET /issues/{issue_number}/labels', reads, (context) =>
    ok(labelsJson(context.state, context.repo, issueOf(context))),
  ),
  route('POST /issues/{issue_number}/labels', writes, (context) => ok(setLabels(context, true))),
  route('PUT /issues/{issue_number}/labels', writes, (context) => ok(setLabels(context, false))),
  route('DELETE /issues/{issue_number}/labels/{name}', writes, (context) => {
    const { state, repo, params } = context;
    const issue = issueOf(context);
    const wanted = (params['name'] ?? '').toLowerCase();
    const name = found(issue.labels.find((label) => label.toLowerCase() === wanted));
    issue.labels = issue.labels.filter((label) => label !== name);
    return ok(labelsJson(state, repo, issue));
  }),
];
