import {
  assumedStatus,
  uniqueName,
  withTodos,
  type DraftFlow,
  type Drafted,
  type FileOf,
  type DraftStep,
  type Refuse,
  type Unsupported,
} from '../draft.js';
import { Expected } from '../expected.js';
import { Names, referencesIn, soundsSecret, type Special } from '../names.js';
import { secretNotes } from '../secrets.js';
import type { Auth, Collection, Environment, Item, PostmanEvent } from './collection.js';
import { writeRequest } from './request.js';
import { labelOf, madeBefore, withLiterals } from './made.js';
import { keptNames, readTestScript, textOfScript, type Kept, type RefuseLine } from './script.js';
import { variablesOf } from './variables.js';

/** A request with everything it inherits from its folders. */
interface Flat {
  /** Names of its folders below the top one, and its own. */
  name: string;
  /** For people: its line, and where it is found in Postman. */
  place: string;
  /** Its folders and itself. */
  shown: string;
  group: string;
  item: Item;
  auth: Auth | undefined;
  events: { event: PostmanEvent; of: string }[];
  behaviour: Record<string, unknown>;
}

/** The file of a collection: `FILE:LINE` of a path in it, and how a suite names files beside it. */
export interface Original {
  placeOf(path: readonly PropertyKey[]): string;
  fileOf: FileOf;
}

/** A Postman collection as a draft of a suite: one flow, whose steps are its requests in their order. */
export function draftPostman(
  collection: Collection,
  environment: Environment | undefined,
  { placeOf, fileOf }: Original,
): Drafted {
  const unsupported: Unsupported[] = [];
  const refuseAt = (place: string) => (what: string, fix?: string) =>
    void unsupported.push({ place, what, ...(fix ? { fix } : {}) });
  const requests = flatten(collection, placeOf, refuseAt);
  if (requests.length === 0) refuseAt(placeOf(['item']))('no request: nothing would be checked');

  const kept = new Set(
    requests.flatMap(({ events }) => events.flatMap(({ event }) => keptNames(testOf(event)))),
  );
  const made = madeBefore(requests, kept, refuseAt);
  const { values, secrets, typed } = variablesOf(
    withLiterals(collection, environment, made, refuseAt(`${placeOf(['variable'])} variables`)),
    environment,
    kept,
    refuseAt(`${placeOf(['variable'])} variables`),
  );
  // What a script sets is taken from the answer, whatever it was before.
  const names = new Names(
    (inner, nth) => {
      const value = made.get(inner);
      if (!value || 'literal' in value) return dynamicVariable(inner, nth);
      return { reference: value.isFresh ? `${value.generator}.${labelOf(inner)}` : value.generator };
    },
    new Set([...secrets].filter((name) => !kept.has(name))),
  );
  const captured = new Set([...kept].map((name) => names.rename(name)));
  const known = new Map([...values].map(([name, value]) => [names.rename(name), value]));
  const notes: string[] = [];
  const assumed: string[] = [];
  const flows = new Map<string, DraftFlow>();
  const lacking = new Map<DraftStep['http'], readonly Unsupported[]>();

  for (const request of requests) {
    const before = unsupported.length;
    const refuse = refuseAt(request.place);
    const expected = new Expected();
    const capture: NonNullable<DraftStep['capture']> = {};
    const keep = (name: string, rule: Kept['rule']) => {
      const renamed = names.rename(name);
      const written = { ...rule, ...(soundsSecret(name) || secrets.has(name) ? { secret: true } : {}) };
      const before = capture[renamed];
      if (before && JSON.stringify(before) !== JSON.stringify(written))
        refuse(`the variable ${name}, which is set to two different values`, 'give each a name of its own');
      capture[renamed] = written;
    };
    const keptHere = new Set(request.events.flatMap(({ event }) => keptNames(testOf(event))));
    const reference = (name: string, refuse: Refuse): string => {
      if (keptHere.has(name))
        refuse(
          `a comparison with ${name}, which the tests of the same request set`,
          'compare parts of the answer',
        );
      if (typed.has(name))
        refuse(
          `a comparison with ${name}, whose value is no text, as all variables of a suite are`,
          'write the value',
        );
      return names.reference(name);
    };
    for (const { event, of } of request.events) {
      const refuseLine: RefuseLine = (line, what, fix) =>
        refuseAt(`${of}, test script, line ${line}`)(what, fix);
      for (const { name, rule } of readTestScript(testOf(event), expected, reference, refuseLine))
        keep(name, rule);
    }
    const http = writeRequest(request.item.request ?? '', {
      names,
      isText: (reference) => !captured.has(reference) && !/^(number|epoch)/.test(reference),
      known: (reference) => (captured.has(reference) ? undefined : known.get(reference)),
      auth: request.auth,
      behaviour: request.behaviour,
      fileOf,
      refuse,
      shown: request.shown,
    });
    const written = expected.write(refuse);
    if (written.assumed) assumed.push(request.shown);
    const flow = flows.get(request.group) ?? { name: request.group, steps: [] };
    flows.set(request.group, flow);
    const step = {
      name: uniqueName(request.name, new Set(flow.steps.map(({ name }) => name))),
      http,
      expect: written.expect,
      ...(Object.keys(capture).length > 0 ? { capture } : {}),
    };
    flow.steps.push(step);
    lacking.set(http, unsupported.slice(before));
  }
  notes.push(...assumedStatus(assumed));
  const linked = linkFlows([...flows.values()]);
  const variables = initialValues(linked, known, captured, refuseAt(`${placeOf(['variable'])} variables`));
  notes.push(
    ...secretNotes(
      names,
      linked.flatMap(({ steps }) => steps),
    ),
  );
  const draft = { name: collection.info.name, variables, flows: linked, notes };
  if (unsupported.length === 0) return { ok: true, draft };
  const byStep = linked.flatMap(({ steps }) =>
    steps.map((step) => [step, lacking.get(step.http) ?? []] as const),
  );
  const partial = withTodos(draft, unsupported, new Map(byStep));
  return { ok: false, unsupported: distinct(unsupported), ...(partial ? { partial } : {}) };
}

function distinct(all: readonly Unsupported[]): Unsupported[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function testOf({ listen, script, disabled }: PostmanEvent): string {
  if (listen !== 'test' || disabled) return '';
  return textOfScript(script);
}

function flatten(
  collection: Collection,
  placeOf: Original['placeOf'],
  refuseAt: (place: string) => (what: string, fix?: string) => void,
): Flat[] {
  const flat: Flat[] = [];
  const visit = (
    items: readonly Item[],
    path: readonly string[],
    at: readonly PropertyKey[],
    inherited: Omit<Flat, 'name' | 'place' | 'shown' | 'group' | 'item'>,
  ): void => {
    for (const [index, item] of items.entries()) {
      const here = [...at, 'item', index];
      const shown = [...path, item.name || 'unnamed'].join(' › ');
      const place = `${placeOf([...here, 'name'])} ${shown}`;
      const events = [...inherited.events, ...eventsOf(item, place, refuseAt(place))];
      const auth = item.auth ?? inherited.auth;
      const behaviour = { ...inherited.behaviour, ...item.protocolProfileBehavior };
      if ((item.variable ?? []).length > 0)
        refuseAt(place)('variables of a folder', 'move them to the collection');
      if (item.item && item.request) refuseAt(place)('a folder that is a request too', 'keep one of them');
      if (item.item) visit(item.item, [...path, item.name || 'unnamed'], here, { auth, events, behaviour });
      else {
        const own = typeof item.request === 'object' && item.request?.auth ? item.request.auth : auth;
        const group = path[0] ?? collection.info.name;
        const name = [...path.slice(1), item.name || 'unnamed'].join(' › ');
        flat.push({ name, place, shown, group, item, auth: own, events, behaviour });
      }
    }
  };
  const whole = `${placeOf([])} the collection`;
  visit(collection.item, [], [], {
    auth: collection.auth ?? undefined,
    events: eventsOf(collection, whole, refuseAt(whole)),
    behaviour: { ...collection.protocolProfileBehavior },
  });
  return flat;
}

/** The events of an item; scripts of other kinds than before and after a request are refused, unless they do nothing. */
function eventsOf(
  item: Pick<Item, 'event'>,
  of: string,
  refuse: (what: string, fix?: string) => void,
): Flat['events'] {
  const events = item.event ?? [];
  for (const { listen, script, disabled } of events) {
    if (script?.src && !disabled)
      refuse(`a ${listen} script that is kept elsewhere (src)`, 'paste it into the collection');
    const code = textOfScript(script)
      .replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '')
      .trim();
    if (listen !== 'test' && listen !== 'prerequest' && !disabled && code !== '')
      refuse(
        `a ${listen} script: ${code.split('\n')[0]!.slice(0, 80)}`,
        'write its values as variables, or {{$guid}}',
      );
  }
  return events.map((event) => ({ event, of }));
}

/** Postman makes a value up at each use; so does the suite, by a label of its own. */
const dynamicVariable: Special = (inner, nth) => {
  if (!inner.startsWith('$')) return undefined;
  if (inner === '$guid' || inner === '$randomUUID') return { reference: `uuid.made${nth}` };
  if (inner === '$randomEmail' || inner === '$randomExampleEmail') return { reference: `email.made${nth}` };
  if (inner === '$isoTimestamp') return { reference: 'timestamp' };
  if (inner === '$timestamp') return { reference: 'epoch' };
  return {
    refuse: `the dynamic variable {{${inner}}}`,
    fix: 'use {{$guid}}, {{$randomEmail}}, {{$timestamp}} or {{$isoTimestamp}}',
  };
};

/** A collection runs in its order with one jar of cookies, so that all its folders are one flow. */
function linkFlows(flows: readonly DraftFlow[]): DraftFlow[] {
  if (flows.length <= 1) return [...flows];
  const steps: DraftStep[] = [];
  for (const flow of flows) {
    for (const step of flow.steps) {
      const name = uniqueName(`${flow.name} › ${step.name}`, new Set(steps.map(({ name }) => name)));
      steps.push({ ...step, name });
    }
  }
  return [{ name: 'all requests', steps }];
}

/** Names a flow uses before it captures them, though something captures them. */
function borrowed({ steps }: DraftFlow, captured: ReadonlySet<string>): string[] {
  const own = new Set<string>();
  return steps.flatMap((step) => {
    const names = referencesIn(JSON.stringify([step.http, step.expect])).filter(
      (name) => captured.has(name) && !own.has(name),
    );
    Object.keys(step.capture ?? {}).forEach((name) => own.add(name));
    return names;
  });
}

/** Values of the variables that are used. One that is captured may have none before. */
function initialValues(
  flows: readonly DraftFlow[],
  known: ReadonlyMap<string, string>,
  captured: ReadonlySet<string>,
  refuse: (what: string, fix?: string) => void,
): Record<string, string> {
  for (const flow of flows) {
    for (const name of new Set(borrowed(flow, captured)))
      refuse(`${name} is used before a script sets it`, 'use another name for the first value');
  }
  const used = new Set(flows.flatMap(({ steps }) => referencesIn(JSON.stringify(steps))));
  return Object.fromEntries(
    [...known].filter(([name, value]) => used.has(name) && !captured.has(name) && value !== ''),
  );
}
