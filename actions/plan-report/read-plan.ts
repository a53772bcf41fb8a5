import * as z from 'zod';
import { hidden, marked, secretTexts, texts, type Hide } from './hide.js';

/** What a plan would do to one resource or output; values that are sensitive are gone already. */
export interface Planned {
  address: string;
  type: string;
  action: 'destroy' | 'replace' | 'update' | 'create' | 'other';
  attributes: { name: string; before: string; after: string }[];
}

/** A plan as it may be shown, and as policies see it. */
export interface Plan {
  changes: Planned[];
  /** Names of outputs that change. */
  outputs: string[];
  /** The tool says that there is something to apply. */
  applyable: boolean;
  /** What policies are asked about. */
  visible: object;
}

const change = z.looseObject({
  actions: z.array(z.string()).min(1),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
  importing: z.unknown().optional(),
  replace_paths: z.unknown().optional(),
});

const resource = z.looseObject({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  name: z.string(),
  index: z.unknown().optional(),
  module_address: z.string().optional(),
  provider_name: z.string().optional(),
  previous_address: z.string().optional(),
  deposed: z.string().optional(),
  change,
});

const variable = z.looseObject({ sensitive: z.boolean().optional() });

const planSchema = z.looseObject({
  // A new number before the dot may mean anything.
  format_version: z.string().regex(/^1\.\d+$/, 'a format 1.x'),
  terraform_version: z.string().optional(),
  errored: z.boolean().optional(),
  applyable: z.boolean().optional(),
  resource_changes: z.array(resource).optional(),
  output_changes: z.record(z.string(), change).optional(),
  variables: z.record(z.string(), z.looseObject({ value: z.unknown().optional() })).optional(),
  prior_state: z.unknown().optional(),
  planned_values: z.unknown().optional(),
  complete: z.boolean().optional(),
  deferred_changes: z.array(z.unknown()).optional(),
  action_invocations: z.array(z.looseObject({ address: z.string(), type: z.string() })).optional(),
  configuration: z
    .looseObject({
      root_module: z.looseObject({ variables: z.record(z.string(), variable).optional() }).optional(),
    })
    .optional(),
});

type Raw = z.output<typeof planSchema>;
type Change = z.output<typeof change>;

/** Reads the JSON of a plan; a text says why nothing can be told of it. */
export function readPlan(text: string): Plan | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'it is not JSON: the tool did not end well';
  }
  const parsed = planSchema.safeParse(json);
  if (!parsed.success) {
    const [{ path, message } = { path: [], message: '' }] = parsed.error.issues;
    return `it is no plan that can be read: ${path.join('.') || 'the whole'}: ${message}`;
  }
  const plan = parsed.data;
  if (plan.errored === true) return 'the tool says that planning ended with an error';
  if (plan.complete === false || (plan.deferred_changes ?? []).length > 0)
    return 'the tool says that the plan is not complete: it left changes for later';
  const hide = secretsOf(plan);
  const changes: Planned[] = [];
  for (const { address: raw, mode, type, change: of, previous_address, deposed } of plan.resource_changes ??
    []) {
    const address = shownAddress(raw, deposed, hide);
    const action = actionOf(of, previous_address !== undefined && previous_address !== raw);
    if (action === undefined) return `${address}: nobody knows what ${of.actions.join(' and ')} does`;
    if (action === 'nothing' || mode === 'data') continue;
    changes.push({
      address,
      type,
      action,
      attributes: action === 'destroy' ? [] : attributesOf(of, hide),
    });
  }
  // Actions of a provider, such as a call of a function: they change no resource, and are no less to read.
  for (const { address, type } of plan.action_invocations ?? [])
    changes.push({ address: shownAddress(address, undefined, hide), type, action: 'update', attributes: [] });
  const outputs: string[] = [];
  for (const [name, of] of Object.entries(plan.output_changes ?? {})) {
    const action = actionOf(of, false);
    if (action === undefined) return `output ${name}: nobody knows what ${of.actions.join(' and ')} does`;
    if (action !== 'nothing') outputs.push(name);
  }
  return { changes, outputs, applyable: plan.applyable === true, visible: visibleOf(plan, hide) };
}

/**
 * An address as people read it and name it: without blanks outside its keys. A key may repeat what is sensitive; the
 * names around it are written in files.
 */
const shownAddress = (address: string, deposed: string | undefined, hide: Hide): string =>
  `${address.replace(/\["(?:[^"\\]|\\.)*"\]/g, hide)}${deposed === undefined ? '' : `#deposed-${deposed}`}`;

/** Undefined for words that this does not know: they may destroy. */
function actionOf({ actions, importing }: Change, moved: boolean): Planned['action'] | 'nothing' | undefined {
  switch ([...actions].sort().join(' ')) {
    case 'no-op':
    case 'read':
      return importing || moved ? 'other' : 'nothing';
    case 'create':
      return 'create';
    case 'update':
      return 'update';
    case 'delete':
      return 'destroy';
    case 'create delete':
    // The old one lives on, let go; whoever uses it finds the new one, which is empty.
    case 'create forget':
      return 'replace';
    case 'forget':
      return 'other';
    default:
      return undefined;
  }
}

/** Every text that is marked as sensitive anywhere: providers repeat it in attributes that nobody marked. */
function secretsOf(plan: Raw): Hide {
  const found: string[] = [];
  const changes = [
    ...(plan.resource_changes ?? []).map(({ change: of }) => of),
    ...Object.values(plan.output_changes ?? {}),
  ];
  for (const { before, after, before_sensitive, after_sensitive } of changes)
    found.push(...marked(before, before_sensitive), ...marked(after, after_sensitive));
  const declared = plan.configuration?.root_module?.variables ?? {};
  for (const [name, { value }] of Object.entries(plan.variables ?? {}))
    if (declared[name]?.sensitive === true) found.push(...texts(value));
  found.push(...inState(plan.prior_state), ...inState(plan.planned_values));
  return secretTexts(found);
}

/** Resources and outputs of a state, however deep its modules. */
function inState(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(inState);
  if (typeof node !== 'object' || node === null) return [];
  const { values, sensitive_values, sensitive, value, ...rest } = node as Record<string, unknown>;
  return [
    ...(sensitive_values === undefined ? [] : marked(values, sensitive_values)),
    ...(sensitive === true ? texts(value) : []),
    ...(sensitive_values === undefined ? inState(values) : []),
    ...Object.values(rest).flatMap(inState),
  ];
}

/** Attributes and characters of a value that are shown. */
const mostAttributes = 40;
const longest = 200;

function attributesOf(of: Change, hide: Hide): Planned['attributes'] {
  const before = hidden(of.before, of.before_sensitive, hide);
  const after = hidden(of.after, of.after_sensitive, hide);
  const names = [
    ...new Set([before, after, of.after_unknown].flatMap((one) => Object.keys(objectOf(one)))),
  ].sort();
  const differing = names.flatMap((name) => {
    const isUnknown = hasTrue(objectOf(of.after_unknown)[name]);
    const [old, next] = [objectOf(before)[name], objectOf(after)[name]];
    // What is hidden on both sides is told apart by what it was.
    const isSame = sameJson(objectOf(of.before)[name], objectOf(of.after)[name]) && !isUnknown;
    if (isSame || (of.actions[0] === 'create' && next === null)) return [];
    return [
      { name, before: shown(old), after: isUnknown && next === undefined ? '(known later)' : shown(next) },
    ];
  });
  const rest = differing.length - mostAttributes;
  return [
    ...differing.slice(0, mostAttributes),
    ...(rest > 0 ? [{ name: `${rest} more`, before: '…', after: '…' }] : []),
  ];
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

const hasTrue = (value: unknown): boolean =>
  value === true || (typeof value === 'object' && value !== null && Object.values(value).some(hasTrue));

const sameJson = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

/** What policies see: the changes, without what is sensitive. */
function visibleOf(plan: Raw, hide: Hide): object {
  const seen = ({ actions, before, after, after_unknown, ...of }: Change) => ({
    actions,
    before: hidden(before, of.before_sensitive, hide),
    after: hidden(after, of.after_sensitive, hide),
    after_unknown: after_unknown ?? null,
    ...(of.replace_paths === undefined ? {} : { replace_paths: of.replace_paths }),
  });
  return {
    resource_changes: (plan.resource_changes ?? []).map(
      ({ address, module_address, mode, type, name, index, provider_name, change: of }) => ({
        address,
        mode,
        type,
        name,
        ...(index === undefined ? {} : { index }),
        ...(module_address === undefined ? {} : { module_address }),
        ...(provider_name === undefined ? {} : { provider_name }),
        change: seen(of),
      }),
    ),
    output_changes: Object.fromEntries(
      Object.entries(plan.output_changes ?? {}).map(([name, of]) => [name, seen(of)]),
    ),
  };
}
