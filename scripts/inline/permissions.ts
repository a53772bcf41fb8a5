/**
 * The permissions that a caller has to grant: GitHub refuses a run, before any job, when a called job asks for more,
 * also one that `if` would skip.
 */
import { Pair, parseDocument, Scalar, YAMLMap, type Document } from 'yaml';

type Level = 'read' | 'write';

interface Grant {
  level: Level;
  /** Why, as the called workflow says it. */
  comment: string | undefined;
}

/** Writes into every calling job of a workflow what the jobs of the called ones ask for together. */
export function grantPermissions(caller: string, readCalled: (path: string) => string): Document {
  const document = parseDocument(caller);
  for (const { value } of (document.get('jobs') as YAMLMap<unknown, YAMLMap>).items) {
    const uses = value?.get('uses');
    if (typeof uses !== 'string') continue;
    value!.set('permissions', toNode(askedBy(pathOf(uses), readCalled)));
  }
  return document;
}

/** What all jobs of a called workflow ask for, those of what it calls itself among them. */
export function askedBy(path: string, readCalled: (path: string) => string): Map<string, Grant> {
  const asked = new Map<string, Grant>();
  const add = (name: string, grant: Grant) => {
    const before = asked.get(name);
    if (!before || (before.level === 'read' && grant.level === 'write')) asked.set(name, grant);
  };
  const document = parseDocument(readCalled(path));
  for (const { value: job } of (document.get('jobs') as YAMLMap<unknown, YAMLMap>).items) {
    const uses = job?.get('uses');
    if (typeof uses === 'string')
      askedBy(pathOf(uses), readCalled).forEach((grant, name) => add(name, grant));
    const own = uses === undefined ? job?.get('permissions') : undefined;
    if (!(own instanceof YAMLMap)) continue;
    for (const { key, value } of own.items as Pair<Scalar<string>, Scalar<Level>>[])
      add(key.value, { level: value!.value, comment: value!.comment ?? undefined });
  }
  return asked;
}

/** `$/.github/workflows/promote.yml` and `org/devops-actions/.github/workflows/promote.yml@v1` are the same file. */
const pathOf = (uses: string) => `.github/workflows/${uses.split('@')[0]!.split('/').at(-1)}`;

function toNode(grants: ReadonlyMap<string, Grant>): YAMLMap {
  const map = new YAMLMap();
  for (const wanted of ['write', 'read'] as const)
    for (const [name, { level, comment }] of grants) {
      if (level !== wanted) continue;
      const value = new Scalar(level);
      if (comment !== undefined) value.comment = comment;
      map.add(new Pair(new Scalar(name), value));
    }
  return map;
}
