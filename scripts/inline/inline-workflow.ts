/**
 * A calling workflow and everything it calls as one file, for GitHub Enterprise Server and for teams that may not call
 * another repository's workflows. What the caller has decided (a stage without a name, a constant) is worked out.
 */
import { Pair, Scalar, YAMLMap, type Document } from 'yaml';
import { calledOutputs, type Outputs } from './called-outputs.js';
import { copyName, type Suite } from './called-copy.js';
import { both, conditionOf, isConstant, setIf, type Replace } from './condition.js';
import {
  access,
  allOf,
  constantText,
  isTruthy,
  pathOf,
  print,
  resolve,
  textLiteral,
  type Expression,
} from './expression.js';
import { flow, jobsOf, keyOf, listAt, read, textAt, waitFor, type Job } from './nodes.js';
import { neededIn, rewrite } from './rewrite.js';
import { readTemplate } from './template.js';

/** What a called workflow is called with. */
interface Call {
  /** Keys and names of the calling jobs, from the outside in. The outermost key is left out. */
  keys: string[];
  names: string[];
  inputs: Readonly<Record<string, Expression>>;
  secrets: Readonly<Record<string, Expression>>;
  /** Jobs of the result that the call waits for. */
  needs: string[];
  /** Undefined: success(). */
  condition: Expression | undefined;
}

/**
 * Writes a caller and its called workflows as one. `readCalled` gives the text of a called workflow by its path in the
 * suite. Throws for a construct that has no equal in one file.
 */
export function inlineWorkflow(caller: string, readCalled: (path: string) => string): Document {
  const document = read(caller);
  const jobs = jobsOf(document);
  const made = new YAMLMap();
  const add = (key: string, node: YAMLMap) => {
    const name = new Scalar(key);
    name.spaceBefore = made.items.length > 0;
    made.add(new Pair(name, node));
  };
  const calls = jobs.filter(({ node }) => textAt(node, 'uses') !== undefined);
  if (calls.length === 0) throw new Error('no job calls owner/repository/.github/workflows/…@ref');
  const madeOf = new Map<string, string[]>();
  for (const { key, node } of jobs) {
    const uses = textAt(node, 'uses');
    if (uses === undefined) {
      add(key, waitFor(key, node, madeOf));
      continue;
    }
    const [target, ref] = uses.split('@');
    const at = target?.indexOf('/.github/workflows/') ?? -1;
    if (!target || !ref || at < 0)
      throw new Error(`the job ${key} of the caller does not call owner/repository/.github/workflows/…@ref`);
    const suite = { repository: target.slice(0, at), ref };
    const path = target.slice(at + 1);
    const call: Call = {
      ...argumentsOf(node, () => undefined),
      keys: calls.length === 1 ? [] : [key],
      names: [textAt(node, 'name') ?? key],
      needs: [],
      condition: undefined,
    };
    const { jobs: expanded } = expand(path, call, suite, readCalled);
    for (const job of expanded) add(job.key, job.node);
    madeOf.set(
      key,
      expanded.map((job) => job.key),
    );
  }
  document.set('jobs', made);
  return document;
}

/** The jobs of a called workflow under new keys, and its outputs. */
function expand(
  path: string,
  call: Call,
  suite: Suite,
  readCalled: (path: string) => string,
): { jobs: Job[]; outputs: Outputs } {
  const document = read(readCalled(path));
  refuseOtherKeys(path, document);
  const given = withDefaults(path, document, call);
  const keysOf = new Map<string, string[]>();
  const made: Job[] = [];
  const calls = new Map<string, Outputs>();
  const replace = replacing(given, keysOf, calls);
  for (const { key, node } of jobsOf(document)) {
    const ownNeeds = listAt(node, 'needs');
    const waits = ownNeeds.flatMap((need) => keysOf.get(need) ?? []);
    const condition = conditionOf(node, replace);
    keysOf.set(key, []);
    if (isConstant(condition) && !isTruthy(condition)) continue;
    // One that waits for jobs which never run waits for nothing, so what the call waits for is its own to wait for.
    const isRoot = waits.length === 0;
    const own = isConstant(condition) ? undefined : condition;
    const full = isRoot ? both(call.condition, own) : own;
    const uses = textAt(node, 'uses');
    const name = textAt(node, 'name') ?? key;
    // A matrix of calls stays one: see called-copy.ts.
    const isCopied = uses !== undefined && node.has('strategy');
    if (uses !== undefined && !isCopied) {
      const inner: Call = {
        ...argumentsOf(node, replace),
        keys: [...call.keys, key],
        names: [...call.names, name],
        needs: isRoot ? call.needs : waits,
        condition: full,
      };
      const { jobs, outputs } = expand(ownPath(uses), inner, suite, readCalled);
      calls.set(key, outputs);
      keysOf.set(
        key,
        jobs.map((job) => job.key),
      );
      made.push(...jobs);
      continue;
    }
    const newKey = [...call.keys, key].join('-');
    keysOf.set(key, [newKey]);
    if (isCopied) node.set('uses', copyName(uses));
    rewrite(node, replace, suite);
    setIf(node, full);
    const needs = new Set([...(isRoot ? call.needs : waits), ...neededIn(node)]);
    const rest = node.items.filter((pair) => !['name', 'needs', 'if'].includes(keyOf(pair)));
    const head = new YAMLMap();
    head.set('name', [...call.names, name].join(' / '));
    if (needs.size > 0) head.set('needs', needs.size === 1 ? [...needs][0] : flow([...needs]));
    const kept = node.items.find((pair) => keyOf(pair) === 'if');
    head.items.push(...(kept ? [kept] : []), ...rest);
    made.push({ key: newKey, node: head });
  }
  return { jobs: made, outputs: calledOutputs(path, document, keysOf, calls) };
}

const known = ['name', 'on', 'permissions', 'jobs'];

function refuseOtherKeys(path: string, document: Document): void {
  const other = (document.contents as YAMLMap).items.map(keyOf).filter((key) => !known.includes(key));
  if (other.length > 0)
    throw new Error(`${path}: ${other.join(', ')} cannot be written into another workflow`);
}

/** The inputs and secrets of a call, with what its workflow declares where the call says nothing. */
function withDefaults(path: string, document: Document, call: Call): Call {
  const inputs: Record<string, Expression> = {};
  const declared = document.getIn(['on', 'workflow_call', 'inputs']) as YAMLMap;
  for (const pair of declared.items) {
    const name = keyOf(pair);
    const standard = (pair.value as YAMLMap).get('default');
    const value = call.inputs[name] ?? (standard === undefined ? undefined : textLiteral(String(standard)));
    if (!value) throw new Error(`${path}: the input ${name} is missing`);
    inputs[name] = value;
  }
  const unknown = Object.keys(call.inputs).filter((name) => !(name in inputs));
  if (unknown.length > 0) throw new Error(`${path} has no input ${unknown.join(', ')}`);
  return { ...call, inputs };
}

/** What a calling job hands over, as expressions of the outer workflow. */
function argumentsOf(node: YAMLMap, replace: Replace): Pick<Call, 'inputs' | 'secrets'> {
  const values = (key: string) =>
    Object.fromEntries(
      ((node.get(key) as YAMLMap | undefined)?.items ?? []).map((pair) => [
        keyOf(pair),
        valueOf(String((pair.value as Scalar).value ?? ''), replace),
      ]),
    );
  return { inputs: values('with'), secrets: values('secrets') };
}

function valueOf(text: string, replace: Replace): Expression {
  const [part, ...more] = readTemplate(text);
  if (more.length > 0)
    throw new Error(`"${text}" is handed over: a whole text or one expression was expected`);
  return part === undefined || typeof part === 'string' ? textLiteral(part ?? '') : resolve(part, replace);
}

/** What stands for inputs, secrets and needs of a called workflow in the one that is written. */
function replacing(
  { inputs, secrets }: Call,
  keysOf: ReadonlyMap<string, string[]>,
  calls: ReadonlyMap<string, Outputs>,
): Replace {
  return (part) => {
    if (part.is === 'compare' && part.operator === '==' && part.right.is === 'literal') {
      const [from, job, field] = pathOf(part.left) ?? [];
      const keys = keysOf.get(job ?? '');
      if (from === 'needs' && field === 'result' && keys && calls.has(job!)) {
        if (constantText(part.right) !== 'success' || keys.length === 0) return undefined;
        return allOf(keys.map((key) => ({ ...part, left: access(['needs', key, 'result']) })));
      }
    }
    const [from, name, ...rest] = pathOf(part) ?? [];
    if (name === undefined) return undefined;
    if (from === 'inputs' && rest.length === 0) return inputs[name] ?? refuse(part);
    if (from === 'secrets' && rest.length === 0) return secrets[name] ?? textLiteral('');
    if (from !== 'needs' || rest.length === 0) return undefined;
    const keys = keysOf.get(name) ?? refuse(part);
    if (keys.length === 0) return textLiteral(rest.join('.') === 'result' ? 'skipped' : '');
    const outputs = calls.get(name);
    if (outputs) return (rest.length === 2 && rest[0] === 'outputs' && outputs.get(rest[1]!)) || refuse(part);
    return access(['needs', keys[0]!, ...rest]);
  };
}

function refuse(part: Expression): never {
  throw new Error(`${print(part)} has no equal in one workflow`);
}

/** `$/.github/workflows/promote.yml` without the sign for the suite's own repository. */
function ownPath(uses: string): string {
  if (!uses.startsWith('$/')) throw new Error(`${uses}: a called workflow may call its own repository only`);
  return uses.slice(2);
}
