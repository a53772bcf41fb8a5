import type { Call } from '../../../shared/contracts/call.js';
import { share, allTo, type Router, type Weights } from '../../../shared/traffic/router.js';

const words = (calls: readonly Call[]) => calls.map(({ node, say }) => `${node}: ${say}`);

/** To green and back: by steps, where the router can weigh. */
export function legsOf({ can }: Router): Weights[] {
  const steps = can.weighted ? [share(7, 'green', 'blue'), share(33, 'green', 'blue')] : [];
  return [...steps, allTo('green', ['blue', 'green']), allTo('blue', ['blue', 'green'])];
}

/** What a dry run says it would call for one target after the other, and what then is called. */
export async function foretoldAndCalled(
  router: Router,
  legs: readonly Weights[] = legsOf(router),
): Promise<{ foretold: string[][]; called: string[][] }> {
  let expected = await router.read();
  const foretold = legs.map((target) => {
    const calls = router.plan(expected, target);
    expected = router.reached(expected, target);
    return words(calls);
  });
  const called: string[][] = [];
  for (const target of legs) {
    const calls = router.plan(await router.read(), target);
    for (const call of calls) await router.apply(call);
    called.push(words(calls));
  }
  return { foretold, called };
}
