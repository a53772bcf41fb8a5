import type * as z from 'zod';
import { stateRef, type StateKind } from '../names.js';
import type { RefStore, StoredState } from './refs.js';

/** A state that was read or written: its commit is what the next change must still find. */
export interface Held<T> {
  oid: string;
  state: T;
}

/** A state exists but cannot be understood, so nothing may be assumed about it. */
export class UnreadableStateError extends Error {
  override readonly name = 'UnreadableStateError';
}

/** The state was changed by someone else since it was read. */
export class LostStateError extends Error {
  override readonly name = 'LostStateError';
}

/** One kind of state of one service in one environment. */
export interface StateFile<T> {
  readonly ref: string;
  /** The state as it stands now; throws UnreadableStateError when it is not understood. */
  read(): Promise<Held<T> | undefined>;
  /** Creates the state; undefined when one exists already. */
  create(state: T, message: string): Promise<Held<T> | undefined>;
  /** Replaces the state; throws LostStateError when it changed meanwhile. */
  replace(held: Held<T>, state: T, message: string): Promise<Held<T>>;
  /** Removes the state; throws LostStateError when it changed meanwhile. Already removed counts as removed. */
  remove(held: Held<T>): Promise<void>;
}

/** Binds a kind of state to its schema and place. */
export function stateFile<S extends z.ZodType>(
  store: RefStore,
  schema: S,
  environment: string,
  service: string,
  kind: StateKind,
): StateFile<z.output<S>> {
  return stateFileAt(store, schema, stateRef(environment, service, kind));
}

/** Binds a schema to a state in a ref of its own. */
export function stateFileAt<S extends z.ZodType>(
  store: RefStore,
  schema: S,
  ref: string,
): StateFile<z.output<S>> {
  type T = z.output<S>;

  function understand(stored: StoredState): Held<T> {
    let json: unknown;
    try {
      json = JSON.parse(stored.text);
    } catch {
      throw unreadable(ref, stored, 'it is not JSON');
    }
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      throw unreadable(
        ref,
        stored,
        parsed.error.issues.map((i) => `${i.path.join('.') || 'state'}: ${i.message}`).join('; '),
      );
    }
    return { oid: stored.oid, state: parsed.data };
  }

  const serialise = (state: T) => `${JSON.stringify(schema.parse(state), null, 1)}\n`;

  return {
    ref,
    async read() {
      const stored = await store.read(ref);
      return stored && understand(stored);
    },
    async create(state, message) {
      const result = await store.write(ref, undefined, serialise(state), message);
      return result.written ? { oid: result.oid, state } : undefined;
    },
    async replace(held, state, message) {
      const result = await store.write(ref, held.oid, serialise(state), message);
      if (!result.written) throw lost(ref, held.oid, result.current);
      return { oid: result.oid, state };
    },
    async remove(held) {
      const result = await store.remove(ref, held.oid);
      if (!('removed' in result)) throw lost(ref, held.oid, 'current' in result ? result.current : undefined);
    },
  };
}

function unreadable(ref: string, stored: StoredState, why: string): UnreadableStateError {
  return new UnreadableStateError(
    `The state in ${ref} (commit ${stored.oid}) cannot be understood: ${why}. It blocks until a person has looked. ` +
      `Read it with "git fetch origin ${ref} && git show FETCH_HEAD:state.json"; when nothing is under way, remove it with "git push origin :${ref}".`,
  );
}

function lost(ref: string, expected: string, current: StoredState | undefined): LostStateError {
  return new LostStateError(
    `The state in ${ref} was ${expected} and is now ${current ? current.oid : 'gone'}: someone else took over, so this run stops here.`,
  );
}
