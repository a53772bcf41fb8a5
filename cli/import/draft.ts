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
}

export interface DraftFlow {
  name: string;
  steps: DraftStep[];
}

/** A suite to write; values of variables are texts that are not empty. */
export interface Draft {
  name: string;
  variables: Record<string, string>;
  flows: DraftFlow[];
  /** What people should know: where the suite is stricter than the original, what is still to be given. */
  notes: string[];
}

/** A draft, or everything that stands in its way. */
export type Drafted = { ok: true; draft: Draft } | { ok: false; unsupported: Unsupported[] };

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
