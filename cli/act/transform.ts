import { isMap, isPair, isScalar, LineCounter, parseDocument, visit, type Pair, type Scalar } from 'yaml';

/** What act does otherwise than GitHub at a place of a workflow. */
export interface Difference {
  line: number;
  what: string;
}

export interface Transformed {
  text: string;
  differences: Difference[];
}

/** What is dropped, since act refuses the whole workflow over it: by key, and the key that it stands under. */
const dropped: Readonly<Record<string, { under: string; what: string }>> = {
  deployment: { under: 'environment', what: 'dropped "deployment": act makes no Deployments' },
  queue: { under: 'concurrency', what: 'dropped "queue": act lets all runs of a group run at once' },
};

/** What act takes and does not do; by key. */
const ignored: Readonly<Record<string, string>> = {
  environment:
    'act asks no reviewers, and gives no secrets or variables of an environment: pass them by -s and --var',
  concurrency: 'act lets all runs of a group run at once',
  'timeout-minutes': 'act ends no job or step when its time is over',
  permissions: 'act gives every job the token that you pass, whatever the job may do',
  schedule: 'act starts nothing by itself: act schedule',
  services: 'act needs Docker for services, and leaves them out on the host',
  container: 'act needs Docker for a container',
};

/**
 * A workflow as act can run it: keys that it does not know are dropped, and actions of the workflow's own repository
 * (`$/`) are named in full. With it, where act will do something else than GitHub.
 */
export function forAct(text: string, suite: string): Transformed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) throw document.errors[0]!;
  const differences: Difference[] = [];
  const note = (pair: Pair, what: string) =>
    differences.push({ line: lines.linePos((pair.key as Scalar).range![0]).line, what });
  visit(document, {
    Pair: (_, pair, path) => {
      if (!isScalar(pair.key)) return undefined;
      const key = String(pair.key.value);
      // Names of inputs, outputs, secrets and variables are the author's own.
      if (parentOf(path) !== undefined && ownNames.includes(parentOf(path)!)) return undefined;
      const drop = Object.hasOwn(dropped, key) ? dropped[key]! : undefined;
      if (drop && parentOf(path) === drop.under) {
        note(pair, drop.what);
        return visit.REMOVE;
      }
      if (
        Object.hasOwn(ignored, key) &&
        (key !== 'permissions' || (isMap(pair.value) && pair.value.items.length > 0))
      )
        note(pair, ignored[key]!);
      if (key === 'id-token' && isScalar(pair.value) && pair.value.value === 'write')
        note(pair, 'act gives no identity token: a login without secrets fails');
      if (key === 'uses' && isScalar(pair.value) && String(pair.value.value).startsWith('$/')) {
        const [name, ref] = suite.split('@');
        pair.value.value = `${name}${String(pair.value.value).slice(1)}@${ref}`;
      }
      if (isScalar(pair.value) && /\bcase\s*\(/.test(expressionsOf(String(pair.value.value))))
        note(pair, 'act does not know the function case()');
      return undefined;
    },
  });
  return { text: document.toString({ lineWidth: 0 }), differences };
}

const ownNames = ['inputs', 'outputs', 'secrets', 'with', 'env', 'jobs', 'services', 'matrix'];

/** The key that a pair stands under. */
function parentOf(path: readonly unknown[]): string | undefined {
  const above = path.filter((node) => isPair(node)).at(-1);
  return above && isScalar(above.key) ? String(above.key.value) : undefined;
}

const expressionsOf = (text: string) =>
  [...text.matchAll(/\$\{\{[^]*?\}\}/g)].map(([found]) => found).join(' ');
