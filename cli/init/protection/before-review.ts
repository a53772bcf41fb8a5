import { parse } from 'yaml';

/** Events that run what stands on the default branch, what somebody starts by hand, or what was approved already. */
const afterReview = new Set([
  'schedule',
  'workflow_dispatch',
  'workflow_call',
  'workflow_run',
  'repository_dispatch',
  // Whatever anybody does to an issue runs what stands on the default branch.
  'issues',
  'merge_group',
]);

type Map = Readonly<Record<string, unknown>>;
const isMap = (value: unknown): value is Map =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a path is that of a workflow. */
export const isWorkflow = (path: string) => /^\.github\/workflows\/[^/]+\.ya?ml$/i.test(path);

/** The branch on which newer files are proposed, unless somebody names another. */
export const proposalBranch = 'devops-actions/fleet-update';

/**
 * Why a proposed workflow may not come as it is; undefined where it may. GitHub runs workflows of a branch when it is
 * pushed or proposed, before anybody looked at them: such a one may read, knows no secret, and runs on a machine of
 * GitHub's that is gone afterwards. What it calls elsewhere nobody here can see.
 */
export function runsBeforeReview(text: string, branch: string): string | undefined {
  let workflow: unknown;
  try {
    workflow = parse(text);
  } catch {
    return 'is no YAML';
  }
  if (!isMap(workflow)) return 'is no workflow';
  const events = eventsOf(workflow['on']).filter(
    ([name, filter]) => !afterReview.has(name) && !(name === 'push' && !startsOn(branch, filter)),
  );
  if (events.length === 0) return undefined;
  const { permissions, jobs } = workflow;
  const every = isMap(jobs) ? Object.values(jobs) : [];
  const reads =
    permissions !== undefined &&
    mayOnlyRead(permissions) &&
    every.every((job) => isMap(job) && (!('permissions' in job) || mayOnlyRead(job['permissions'])));
  const starts = `would run by ${events.map(([name]) => `"${name.slice(0, 40)}"`).join(', ')} before anybody reviewed it`;
  if (!reads || knowsSecrets(workflow)) return `${starts}, and may write or knows secrets`;
  if (every.some((job) => isMap(job) && 'uses' in job)) return `${starts}, and calls another workflow`;
  if (!every.every((job) => isMap(job) && isOfGitHub(job['runs-on'])))
    return `${starts}, on a runner that may be yours`;
  return undefined;
}

/** Whether a job runs on a machine of GitHub's by its name: a label of the team reaches its router, and is kept. */
const isOfGitHub = (label: unknown) =>
  typeof label === 'string' && /^(ubuntu|windows|macos)-(latest|\d[\d.]*)(-arm)?$/.test(label);

/**
 * Whether an expression may name the secrets, or a call hands them on. The word in a script is no expression; contexts
 * are named in any case, and what stands behind the first expression of a text is taken for a part of it.
 */
function knowsSecrets(value: unknown): boolean {
  if (typeof value === 'string') {
    const from = value.indexOf('${{');
    return from >= 0 && /secrets/i.test(value.slice(from));
  }
  if (Array.isArray(value)) return value.some(knowsSecrets);
  return (
    isMap(value) &&
    Object.entries(value).some(
      ([key, inner]) =>
        /secrets/i.test(key) ||
        (key === 'if' && typeof inner === 'string' && /secrets/i.test(inner)) ||
        knowsSecrets(inner),
    )
  );
}

function eventsOf(on: unknown): [name: string, filter: unknown][] {
  if (isMap(on)) return Object.entries(on);
  return (Array.isArray(on) ? on : [on]).map((name) => [String(name), undefined]);
}

/** A push of tags alone starts by no branch; a pattern counts as far as its first wildcard. */
function startsOn(branch: string, filter: unknown): boolean {
  if (!isMap(filter)) return true;
  const { branches } = filter;
  if (branches === undefined) return !('tags' in filter) || 'branches-ignore' in filter;
  return (Array.isArray(branches) ? branches : [branches]).some((pattern) => {
    const text = String(pattern);
    const plain = text.split(/[*?+[\]\\]/)[0]!;
    return plain === text ? text === branch : branch.startsWith(plain.slice(0, -1));
  });
}

const mayOnlyRead = (permissions: unknown): boolean =>
  permissions === 'read-all' ||
  (isMap(permissions) && Object.values(permissions).every((level) => level === 'read' || level === 'none'));
