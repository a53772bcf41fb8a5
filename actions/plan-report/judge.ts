import { planActions, type PlanChange, type PlanReport } from '../../shared/contracts/reports/plan-report.js';
import type { Plan } from './read-plan.js';

/** A folder that was planned; a text says why nothing is known of it. */
export interface PlannedFolder {
  folder: string;
  plan: Plan | string;
}

/** What the team asks for. */
export interface Rules {
  environment: string;
  mode: PlanReport['mode'];
  /** Types that hold data. */
  stateful: readonly string[];
  /** Types that hold none; `*` at the end is any rest. What is in neither list is as one with data. */
  stateless: readonly string[];
  /** Addresses that a person lets the plan destroy. */
  mayDestroy: readonly string[];
}

/** What would be destroyed is what a reader must not overlook. */
const destroys = ({ action }: Pick<PlanChange, 'action'>) => action === 'destroy' || action === 'replace';

/** Lost data before everything else: lists are cut at their end. */
const rank = (change: PlanChange) =>
  change.stateful && destroys(change) ? -1 : planActions.indexOf(change.action);

/** Whether a plan may be applied. What is not known of one folder stops all of them. */
export function judge(
  planned: readonly PlannedFolder[],
  policies: PlanReport['policies'],
  { environment, mode, stateful, stateless, mayDestroy }: Rules,
): PlanReport {
  const changes = planned
    .flatMap(({ folder, plan }) =>
      typeof plan === 'string'
        ? []
        : plan.changes.map((each): PlanChange => ({
            folder,
            ...each,
            ...dataOf(each.type, stateful, stateless),
          })),
    )
    .sort((a, b) => rank(a) - rank(b));
  const lost = named(changes.filter((each) => each.stateful && destroys(each)));
  const held = lost.filter(({ names }) => !names.some((name) => mayDestroy.includes(name)));
  const folders = planned.map(({ folder, plan }) => ({
    folder,
    ...countsOf(changes.filter((each) => each.folder === folder)),
    outputs: typeof plan === 'string' ? 0 : plan.outputs.length,
    ...(typeof plan === 'string' ? { blind: plan } : {}),
  }));
  const anyChange =
    changes.length > 0 ||
    planned.some(({ plan }) => typeof plan !== 'string' && (plan.outputs.length > 0 || plan.applyable));
  const blind = [
    ...folders.flatMap(({ folder, blind: why }) => (why === undefined ? [] : [`${folder}: ${why}`])),
    ...policies
      .filter(({ is }) => is === 'error')
      .map(({ file, reasons }) => `policy ${file}: ${reasons.join('; ')}`),
  ];
  const denied = policies.filter(({ is }) => is === 'denied');
  const result = ((): PlanReport['result'] => {
    if (blind.length > 0) return 'blind';
    if (!anyChange) return denied.length > 0 ? 'denied' : 'unchanged';
    if (mode === 'drift') return 'drift';
    if (denied.length > 0) return 'denied';
    return held.length > 0 ? 'held' : 'changes';
  })();
  const counted = countsText(changes, folders);
  const messages: Record<PlanReport['result'], () => string> = {
    unchanged: () => `${environment} is as its files say: nothing to change`,
    changes: () => `${environment}: ${counted}`,
    drift: () => `${environment} is not as its files say: ${counted}`,
    held: () => `${environment}: on hold, needs a person: ${heldText(held)}`,
    denied: () => `${environment}: a policy says no: ${listed(denied.flatMap(({ reasons }) => reasons))}`,
    blind: () => `${environment}: not known what would change: ${listed(blind)}`,
  };
  const pointless = mayDestroy.filter((name) => !lost.some(({ names }) => names.includes(name)));
  return {
    schema: 'devops-actions/plan-report@1',
    result,
    mode,
    message: messages[result](),
    environment,
    folders,
    changes,
    held: held.map(({ names: [name] }) => name),
    policies,
    notes: pointless.map((name) => {
      const same = lost.filter(({ address }) => address === name).map(({ names: [full] }) => full);
      return same.length > 1
        ? `${name} stands in several places. Name one: ${same.join(' or ')}.`
        : `${name} may be destroyed, and no plan destroys it: check the address.`;
    }),
  };
}

interface Lost {
  address: string;
  unsure: boolean;
  /** How a person may name it; the first is shown. */
  names: readonly [string, ...string[]];
}

/** An address that several folders lose names none of them: who lets go of one has not seen the other. */
const named = (lost: readonly PlanChange[]): Lost[] =>
  lost.map(({ folder, address, unsure }) => {
    const full = `${folder}:${address}`;
    const isOnly = lost.filter((other) => other.address === address).length === 1;
    return { address, unsure: unsure === true, names: isOnly ? [address, full] : [full] };
  });

function dataOf(
  type: string,
  stateful: readonly string[],
  stateless: readonly string[],
): Pick<PlanChange, 'stateful' | 'unsure'> {
  if (stateful.includes(type)) return { stateful: true };
  const holdsNone = stateless.some((one) =>
    one.endsWith('*') ? type.startsWith(one.slice(0, -1)) : type === one,
  );
  return holdsNone ? { stateful: false } : { stateful: true, unsure: true };
}

function heldText(held: readonly Lost[]): string {
  const text = (isUnsure: boolean, [one, many]: [string, string]) => {
    const all = held.filter(({ unsure }) => unsure === isUnsure).map(({ names: [name] }) => name);
    return all.length === 0 ? [] : [`${listed(all)} ${all.length === 1 ? one : many} and would be destroyed`];
  };
  return [
    ...text(false, ['holds data', 'hold data']),
    ...text(true, ['may hold data', 'may hold data']),
  ].join('; ');
}

/** Most entries of a list that a sentence names. */
const mostListed = 5;
const listed = (all: readonly string[]) =>
  `${all.slice(0, mostListed).join(', ')}${all.length > mostListed ? ` and ${all.length - mostListed} more` : ''}`;

function countsOf(changes: readonly PlanChange[]) {
  const count = (action: PlanChange['action']) => changes.filter((each) => each.action === action).length;
  return {
    destroy: count('destroy'),
    replace: count('replace'),
    update: count('update'),
    create: count('create'),
    other: count('other'),
  };
}

function countsText(changes: readonly PlanChange[], folders: PlanReport['folders']): string {
  const counts = countsOf(changes);
  const outputs = folders.reduce((sum, each) => sum + each.outputs, 0);
  const words = [
    [counts.destroy, 'to destroy'],
    [counts.replace, 'to replace'],
    [counts.update, 'to change'],
    [counts.create, 'to create'],
    [counts.other, 'in the state alone'],
    [outputs, outputs === 1 ? 'output' : 'outputs'],
  ] as const;
  const text = words.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`])).join(', ');
  return text === '' ? 'something that it does not list' : text;
}
