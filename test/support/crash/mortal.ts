import type { TrafficControl } from '../../../shared/traffic/control.js';

/** The process died. */
export class Death extends Error {}

/** Counts what changes the world and dies before the nth of it: after death nothing more of this process happens. */
export function mortal(control: TrafficControl, lives: number): TrafficControl {
  let left = lives;
  const step =
    <A extends unknown[], R>(act: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      if (left-- <= 0) throw new Death();
      return act(...args);
    };
  const { lock, router, github } = control;
  return {
    ...control,
    router: { ...router, apply: step(router.apply) },
    lock: {
      ...lock,
      create: step(lock.create),
      replace: step(lock.replace),
      remove: step(lock.remove),
    },
    github: {
      ...github,
      rest: ((route: string, parameters: object) =>
        (route.startsWith('POST') ? step(github.rest as never) : github.rest)(
          route as never,
          parameters as never,
        )) as never,
    },
  };
}
