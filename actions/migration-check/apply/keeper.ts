import type { Migration, StepName } from '../../../shared/ledger/refs/migration.js';
import type { Held } from '../../../shared/ledger/refs/state.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { ApplyPorts } from './ports.js';

type Facts = Partial<Pick<Migration, 'claim' | 'mark' | 'before' | 'backup' | 'failure' | 'settled'>>;

/** The journal in the ref: each step is written there before it is begun and when it is done, each by compare-and-swap. */
export class Keeper {
  constructor(
    private readonly ports: Pick<ApplyPorts, 'file' | 'clock' | 'say'>,
    private held: Held<Migration>,
  ) {}

  get journal(): Migration {
    return this.held.state;
  }

  get claim(): string {
    return this.journal.claim;
  }

  /** Writes that a step begins; whoever lost the ref stops here. */
  async begin(step: StepName, facts: Facts = {}): Promise<void> {
    const begun = { step, begun: isoInstant(this.ports.clock.now()) };
    await this.write({ ...this.journal, ...facts, steps: [...this.journal.steps, begun] }, `${step}: begun`);
  }

  async done(step: StepName, facts: Facts = {}): Promise<void> {
    const done = isoInstant(this.ports.clock.now());
    const steps = this.journal.steps.map((entry, index, all) =>
      index === all.length - 1 ? { ...entry, done } : entry,
    );
    await this.write({ ...this.journal, ...facts, steps }, `${step}: done`);
  }

  /** Writes down something that was found out or is about to be done within a step. */
  note(facts: Facts, message: string): Promise<void> {
    return this.write({ ...this.journal, ...facts }, message);
  }

  async hold(reason: string): Promise<void> {
    await this.write({ ...this.journal, phase: 'held', reason }, 'held for a person');
  }

  async release(): Promise<void> {
    await this.ports.file.remove(this.held);
  }

  private async write(state: Migration, message: string): Promise<void> {
    this.held = await this.ports.file.replace(this.held, state, message);
  }
}
