import type { Effect } from './effect.js';
import type { Scene } from './scene.js';

interface Check {
  relation: string;
  notNull: string | undefined;
  valid: boolean;
}

/** What keys are called where no migration before says which columns are keys. */
const usualKey = /^(?:id|uuid|key|code|slug|version_num)$/;

const key = (relation: string, name: string) => `${relation}\n${name}`;

/**
 * What the statements so far have made. It first sees the migrations that ran before, where they are known, and then
 * those of the release.
 */
export class State implements Scene {
  schema = 'public';
  /** Whether all migrations before are known: only then a relation that none made is new. */
  historyIsWhole = false;
  #created = new Set<string>();
  /** Relations of migrations before this release that are still there. */
  #old = new Set<string>();
  readonly #known = new Set<string>();
  readonly #columns = new Map<string, string>();
  readonly #checks = new Map<string, Check>();
  readonly #functions = new Set<string>();
  #newFunctions = new Set<string>();
  /** Constraints that were added in the transaction that is open. */
  #fresh = new Set<string>();
  /** Temporary tables that are gone with it. */
  #passing = new Set<string>();
  readonly #keys = new Set<string>();
  #needDefault = new Set<string>();

  isNew(relation: string): boolean {
    return this.#created.has(relation);
  }
  isOld(relation: string): boolean {
    return this.#old.has(relation);
  }
  isUnknown(relation: string): boolean {
    return this.historyIsWhole && !this.#known.has(relation);
  }
  isNeverNull(relation: string, column: string): boolean {
    return [...this.#checks.values()].some(
      (check) => check.relation === relation && check.notNull === column && check.valid,
    );
  }
  isFreshlyAdded(relation: string, constraint: string): boolean {
    return this.#fresh.has(key(relation, constraint));
  }
  needsDefault(relation: string, column: string): boolean {
    return this.#needDefault.has(key(relation, column));
  }
  isKey(relation: string, column: string): boolean {
    return this.#keys.has(key(relation, column)) || usualKey.test(column);
  }
  typeOf(relation: string, column: string): string | undefined {
    return this.#columns.get(key(relation, column));
  }
  isOwnFunction(name: string): boolean {
    return this.#functions.has(name);
  }
  isNewFunction(name: string): boolean {
    return this.#newFunctions.has(name);
  }

  /** A transaction begins or ends. */
  beginTransaction(): void {
    this.#fresh = new Set();
    for (const relation of this.#passing) this.#created.delete(relation);
    this.#passing = new Set();
  }

  /** What was made so far was there before the release. */
  beginRelease(historyIsWhole: boolean): void {
    this.historyIsWhole = historyIsWhole;
    this.#old = this.#created;
    this.#created = new Set();
    this.#newFunctions = new Set();
    this.#needDefault = new Set();
    this.schema = 'public';
  }

  apply(effect: Effect): void {
    switch (effect.is) {
      case 'creates':
        this.#created.add(effect.relation);
        this.#known.add(effect.relation);
        if (effect.passing) this.#passing.add(effect.relation);
        break;
      case 'drops':
        if (!this.#created.delete(effect.relation)) this.#old.delete(effect.relation);
        break;
      case 'needs-default':
        this.#needDefault.add(key(effect.relation, effect.column));
        break;
      case 'unique':
        this.#keys.add(key(effect.relation, effect.column));
        break;
      case 'creates-function':
        this.#functions.add(effect.name);
        this.#newFunctions.add(effect.name);
        break;
      case 'column':
        this.#columns.set(key(effect.relation, effect.column), effect.type);
        break;
      case 'drops-column':
        this.#columns.delete(key(effect.relation, effect.column));
        break;
      case 'not-valid':
        this.#fresh.add(key(effect.relation, effect.constraint));
        this.#checks.set(key(effect.relation, effect.constraint), {
          relation: effect.relation,
          notNull: effect.notNull,
          valid: false,
        });
        break;
      case 'validates': {
        const check = this.#checks.get(key(effect.relation, effect.constraint));
        if (check) check.valid = true;
        break;
      }
      case 'drops-constraint':
        this.#checks.delete(key(effect.relation, effect.constraint));
        break;
      case 'schema':
        this.schema = effect.name;
        break;
      default:
    }
  }
}
