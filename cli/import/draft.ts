/** Something the original does that a suite cannot say; importing stops there. */
export interface Unsupported {
  /** Where in the original, for people. */
  place: string;
  what: string;
  fix?: string;
}

/** Says that something is unsupported, at a place the caller knows. */
export type Refuse = (what: string, fix?: string) => void;

/** The path of a file of the original as the suite names it; one that the suite could not send is refused. */
export type FileOf = (written: string, refuse: Refuse) => string;

/** A step of the suite to write, in the form of its file. */
export interface DraftStep {
  name: string;
  http: Record<string, unknown> & { url: string };
  expect: Record<string, unknown>;
  capture?: Record<string, Record<string, unknown>>;
  retry?: Record<string, unknown>;
  delay?: string;
  /** What of the original the step does not do; it fails until somebody has done that. */
  todo?: string[];
}

export interface DraftFlow {
  name: string;
  steps: DraftStep[];
}

/** A suite to write; values of variables are texts that are not empty. */
export interface Draft {
  name: string;
  variables: Record<string, string>;
  /** Addresses of hosts. */
  resolve?: Record<string, string>;
  flows: DraftFlow[];
  /** What people should know: where the suite is stricter than the original, what is still to be given. */
  notes: string[];
}

/** A draft, or everything that stands in its way, with what there is without it: a draft that says what is to do. */
export type Drafted = { ok: true; draft: Draft } | { ok: false; unsupported: Unsupported[]; partial?: Draft };

/**
 * A draft with what it does not do: in the step that lacks it, and in the first one what belongs to none. A suite with
 * such steps is red.
 */
export function withTodos(
  draft: Draft,
  unsupported: readonly Unsupported[],
  lacking: ReadonlyMap<DraftStep, readonly Unsupported[]>,
): Draft | undefined {
  const placed = new Set([...lacking.values()].flat());
  const others = unsupported.filter((one) => !placed.has(one));
  const [first] = draft.flows.flatMap(({ steps }) => steps);
  if (!first) return undefined;
  const todoOf = (step: DraftStep) => [...(step === first ? others : []), ...(lacking.get(step) ?? [])];
  const flows = draft.flows.map((flow) => ({
    ...flow,
    steps: flow.steps.map((step) => {
      const todo = [...new Set(todoOf(step).map(({ place, what }) => `${place}: ${what}`))];
      return todo.length > 0 ? { ...step, todo } : step;
    }),
  }));
  const note = `${unsupported.length} thing(s) of the original are not imported. They stand under "todo" of their steps, which fail until that is done and removed.`;
  return { ...draft, flows, notes: [note, ...draft.notes] };
}

/** A name for something that has a hundred characters at most and that no other has. */
export function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/\s+/g, ' ').trim().slice(0, 94).trim() || 'unnamed';
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} (${number})`;
    if (!taken.has(name)) return name;
  }
}

/** At most this many requests are named in a note. */
const namedInNotes = 10;

/** The note on requests of which nothing looked at the status, which a suite always does. */
export function assumedStatus(places: readonly string[]): string[] {
  if (places.length === 0) return [];
  const more = places.length > namedInNotes ? ` and ${places.length - namedInNotes} more` : '';
  const named = places.slice(0, namedInNotes).join(', ');
  return [`Nothing looked at the status of these, a 2xx is expected now: ${named}${more}.`];
}
