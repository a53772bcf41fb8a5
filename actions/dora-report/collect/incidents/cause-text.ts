/**
 * What a text names as the cause of an incident: a line `caused-by: <commit>` or `root cause: <commit>`, or the number
 * of a Deployment.
 */
export function causeIn(text: string): { causedBy?: number; causedBySha?: string } {
  const named =
    /^\W{0,8}(?:caused[ -]by|root cause)\W{1,8}(?:deployment\W{1,3})?([0-9a-f]{7,40}|\d{1,15})\b/im.exec(
      text,
    )?.[1];
  if (named === undefined) return {};
  // Seven and more hex digits may be both; a Deployment's number has no letters, and a whole sha is longer than any.
  return /^\d{1,15}$/.test(named) ? { causedBy: Number(named) } : { causedBySha: named.toLowerCase() };
}
