/** How one claim on a concurrency group behaves, as `concurrency:` in a workflow file says. */
export interface ConcurrencyClaim {
  /** Names are compared without case; the caller makes them unique per repository. */
  group: string;
  cancelInProgress: boolean;
  queue: 'single' | 'max';
  /** Called when a later claim wants this one, already running, to stop. */
  cancel: (reason: string) => void;
}

export interface ConcurrencyTicket {
  /** Resolves `go` when it is this claim's turn, or `cancelled` with why it never will be. */
  ready: Promise<{ turn: 'go' } | { turn: 'cancelled'; reason: string }>;
  /** Leaves the group, whether running or still waiting. Safe to call twice. */
  release: () => void;
}

interface Entry {
  claim: ConcurrencyClaim;
  settle: (answer: { turn: 'go' } | { turn: 'cancelled'; reason: string }) => void;
}

interface Group {
  running?: Entry;
  pending: Entry[];
}

/** GitHub docs, "Control the concurrency of workflows and jobs": `queue: max` holds 100 pending. */
const maxPending = 100;

/** The concurrency groups of all runs that share it: one running claim per group, the rest pending in order. */
export class ConcurrencyGroups {
  private readonly groups = new Map<string, Group>();

  /** Joins a group; never blocks, the ticket tells when the turn comes. */
  enter(claim: ConcurrencyClaim): ConcurrencyTicket {
    const key = claim.group.toLowerCase();
    const group = this.groups.get(key) ?? { pending: [] };
    this.groups.set(key, group);

    let settle!: Entry['settle'];
    const ready = new Promise<Awaited<ConcurrencyTicket['ready']>>((resolve) => (settle = resolve));
    const entry: Entry = { claim, settle };
    const ticket = { ready, release: () => this.leave(key, group, entry) };

    if (group.running === undefined) {
      group.running = entry;
      settle({ turn: 'go' });
      return ticket;
    }
    if (claim.queue === 'max' && group.pending.length >= maxPending) {
      settle({
        turn: 'cancelled',
        reason: `Canceling since the queue of concurrency group '${claim.group}' already holds ${maxPending} pending`,
      });
      return ticket;
    }
    const displaced = `Canceling since a higher priority waiting request for '${claim.group}' exists`;
    if (claim.queue === 'single') {
      for (const older of group.pending.splice(0)) older.settle({ turn: 'cancelled', reason: displaced });
    }
    group.pending.push(entry);
    if (claim.cancelInProgress) group.running.claim.cancel(displaced);
    return ticket;
  }

  private leave(key: string, group: Group, entry: Entry): void {
    const waiting = group.pending.indexOf(entry);
    if (waiting >= 0) group.pending.splice(waiting, 1);
    if (group.running !== entry) return;
    const next = group.pending.shift();
    if (next === undefined) {
      delete group.running;
      this.groups.delete(key);
    } else {
      group.running = next;
      next.settle({ turn: 'go' });
    }
  }
}

/** The one that runs of this process share unless a request brings its own. */
export const processConcurrency = new ConcurrencyGroups();
