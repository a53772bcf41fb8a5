/** before: the change is on its way. after: it is done and its answer is not there yet. */
export type Side = 'before' | 'after';

/**
 * What happens when a change is reached: whether one that is on its way is still carried out, and what is done once it
 * is.
 */
export type Blow = () => Promise<{ carryOut: boolean; afterwards?: () => unknown }>;

interface Stop {
  change: number;
  side: Side;
  blow: Blow;
}

/** Every change that a process makes to the world passes here, one by one, and one of them can be stopped at. */
export class Gate {
  /** What passed since the gate was set, in order. */
  readonly passed: string[] = [];
  /** Whether the stop was reached. */
  struck = false;
  private stop: Stop | undefined;
  private afterwards: (() => unknown) | undefined;

  /** Counts from 0 again; without a stop everything passes. */
  set(stop?: Stop): void {
    this.passed.length = 0;
    this.struck = false;
    this.stop = stop;
    this.afterwards = undefined;
  }

  /** A change is about to be made: its number, or undefined when it must not be carried out. */
  async before(label: string): Promise<number | undefined> {
    const change = this.passed.push(label) - 1;
    return (await this.reach(change, 'before')) ? change : undefined;
  }

  /** The change was made; its answer waits for this. */
  async after(change: number): Promise<void> {
    await this.reach(change, 'after');
    if (change === this.stop?.change) await this.afterwards?.();
  }

  private async reach(change: number, side: Side): Promise<boolean> {
    const { stop } = this;
    if (!stop || stop.change !== change || stop.side !== side || this.struck) return true;
    this.struck = true;
    const { carryOut, afterwards } = await stop.blow();
    this.afterwards = afterwards;
    return carryOut;
  }
}
