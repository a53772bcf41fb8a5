import type { Problem } from '../../../shared/config/problem.js';
import { globMatcher, globProblem } from '../../../shared/config/glob.js';
import { referencesOf } from '../suite/references.js';
import type { LoadedFlow, LoadedSuite } from '../suite/loaded-suite.js';
import { inputProblem } from '../values/settings.js';

/** The flows that the input `only` picks; each of its entries must pick one, so that a typing error runs no less. */
export function selectFlows(
  suite: LoadedSuite,
  only: readonly string[] | undefined,
): { flows: LoadedFlow[]; problems: Problem[] } {
  if (only === undefined) return { flows: suite.flows, problems: [] };
  const picked = new Set<LoadedFlow>();
  const problems: Problem[] = [];
  for (const entry of only) {
    const wrong = globProblem(entry);
    const found = wrong === undefined ? suite.flows.filter(matcherOf(entry)) : [];
    found.forEach((flow) => picked.add(flow));
    if (found.length > 0) continue;
    const tags = [...new Set(suite.flows.flatMap(({ flow }) => flow.tags ?? []))].map((tag) => `@${tag}`);
    const allowed = wrong ?? [...suite.flows.map(({ flow }) => flow.name), ...tags].join(', ');
    problems.push(
      inputProblem('only', '', `${JSON.stringify(entry)}, which picks no flow`, allowed, 'correct it'),
    );
  }
  return { flows: suite.flows.filter((flow) => picked.has(flow)), problems };
}

function matcherOf(entry: string): (loaded: LoadedFlow) => boolean {
  const matches = globMatcher(entry.startsWith('@') ? entry.slice(1) : entry);
  return entry.startsWith('@')
    ? ({ flow }) => (flow.tags ?? []).some(matches)
    : ({ flow }) => matches(flow.name);
}

/** Whether something that runs expects the version, when only these flows do. */
export function expectsVersion({ value }: LoadedSuite, flows: readonly LoadedFlow[]): boolean {
  const steps = [
    ...[...(value.before ?? []), ...(value.after ?? [])],
    ...flows.flatMap(({ flow }) => [...(flow.before ?? []), ...flow.steps, ...(flow.after ?? [])]),
    ...(value.isolation ? [...value.isolation.own, ...value.isolation.others] : []),
  ];
  return steps.some(({ name, expect }) =>
    referencesOf({ name, expect } as Parameters<typeof referencesOf>[0]).includes('version'),
  );
}
