import { describe, expect, it } from '@jest/globals';
import {
  allTo,
  defineRouter,
  describeSurvey,
  observe,
  observeStates,
  RouterError,
  type NodeState,
} from '../../../../../shared/traffic/router.js';

const blue = allTo('blue', ['blue', 'green']);
const green = allTo('green', ['blue', 'green']);

/** Nodes that say what they are given, or throw it; `begun` are the reads in progress at once. */
function routerOf(states: Record<string, NodeState | Error>, inTurn = false) {
  const atOnce = { now: 0, most: 0 };
  const router = defineRouter({
    kind: 'test',
    nodes: Object.keys(states),
    can: { atomic: true, weighted: true },
    inTurn,
    async readNode(name): Promise<NodeState> {
      atOnce.most = Math.max(atOnce.most, (atOnce.now += 1));
      await Promise.resolve();
      atOnce.now -= 1;
      const state = states[name]!;
      if (state instanceof Error) throw state;
      return state;
    },
    together: observeStates,
    plan: () => [],
    apply: () => Promise.resolve(),
  });
  return { router, atOnce };
}
const gone = (name: string) => new RouterError(`Node "${name}" is gone.`, name);

describe('a router', () => {
  it('is read as its nodes together, with what each saved', async () => {
    const { router } = routerOf({ a: { weights: blue, saved: green }, b: { weights: green, saved: null } });
    const observed = await router.read();
    expect(observed.weights).toEqual({ blue: 50, green: 50 });
    expect(observed.saved).toEqual({ a: green });
    expect(await router.survey()).toEqual({
      nodes: [
        { name: 'a', ok: true, weights: blue, saved: green },
        { name: 'b', ok: true, weights: green, saved: null },
      ],
      partial: observed,
      observed,
    });
  });

  it('whose node cannot be read is no whole, but each other node is told of', async () => {
    const { router } = routerOf({ a: { weights: blue }, b: gone('b') });
    await expect(router.read()).rejects.toThrow(gone('b'));
    const survey = await router.survey();
    expect(survey).toEqual({
      nodes: [
        { name: 'a', ok: true, weights: blue },
        { name: 'b', ok: false, why: 'Node "b" is gone.' },
      ],
      partial: observe({ a: blue }),
      observed: undefined,
    });
    expect(describeSurvey(survey)).toBe('blue 100 % on a; not known on 1 of 2 nodes, which cannot be read');
  });

  it('names every node that cannot be read', async () => {
    const { router } = routerOf({ a: gone('a'), b: { weights: blue }, c: new Error('c broke') });
    await expect(router.read()).rejects.toMatchObject({
      name: 'RouterError',
      message: 'Node "a" is gone. c broke',
      node: 'a, c',
    });
  });

  it('is asked all at once, or one node after the other where its commands want that', async () => {
    const states = { a: { weights: blue }, b: { weights: blue } };
    for (const [inTurn, most] of [
      [false, 2],
      [true, 1],
    ] as const) {
      const { router, atOnce } = routerOf(states, inTurn);
      await router.read();
      expect(atOnce.most).toBe(most);
    }
  });
});
