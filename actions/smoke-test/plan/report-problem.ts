/** Adds a problem with something at a path below where the report began. */
export type ReportProblem = (
  path: readonly PropertyKey[],
  got: string,
  allowed: string,
  fix: string,
  didYouMean?: string,
) => void;

/** Adds a problem with something at the path it was made for. */
export type ReportHere = (got: string, allowed: string, fix: string, didYouMean?: string) => void;
