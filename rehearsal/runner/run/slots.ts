/** Places on machines: a job that finds none waits for one, in order. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Resolves a function that gives the place back; also resolves, with nothing to give back, when aborted. */
  async take(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return () => undefined;
    if (this.free > 0) this.free--;
    else {
      const got = await new Promise<boolean>((resolve) => {
        const turn = () => resolve(true);
        this.waiting.push(turn);
        signal.addEventListener('abort', () => {
          const at = this.waiting.indexOf(turn);
          if (at >= 0) this.waiting.splice(at, 1);
          resolve(false);
        });
      });
      if (!got) return () => undefined;
    }
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    };
  }
}
