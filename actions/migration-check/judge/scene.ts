/** What is known of the database where a statement runs. */
export interface Scene {
  /** Whether earlier statements of this release made the relation: nothing of the live version uses it. */
  isNew(relation: string): boolean;
  /** Whether a migration before made the relation and none dropped it since. */
  isOld(relation: string): boolean;
  /** Whether no migration before made the relation: false where that is not known. */
  isUnknown(relation: string): boolean;
  /** Whether a validated check keeps NULL out of the column. */
  isNeverNull(relation: string, column: string): boolean;
  /** Whether the constraint was added in this very transaction and not validated. */
  isFreshlyAdded(relation: string, constraint: string): boolean;
  /** Whether this release made the column, NOT NULL with a default, in a table that the live version writes. */
  needsDefault(relation: string, column: string): boolean;
  /** Whether a value of the column names one row at most. */
  isKey(relation: string, column: string): boolean;
  typeOf(relation: string, column: string): string | undefined;
  /** Whether a migration made the function; a new one is used by nothing of the live version. */
  isOwnFunction(name: string): boolean;
  isNewFunction(name: string): boolean;
  /** Schema of names without one. */
  schema: string;
}
