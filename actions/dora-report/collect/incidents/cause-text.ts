/**
 * What a text names as the cause of an incident: a line `caused-by: <commit>` or `root cause: <commit>`, or the number
 * of a Deployment. A short number names one only where it ends its line: "caused by 3 hosts" names none.
 */
export function causeIn(text: string): { causedBy?: number; causedBySha?: string } {
  const named =
    /^\W{0,8}(?:caused[ -]by|root cause)\W{1,8}(?:deployment\W{1,3})?([0-9a-f]{7,40}\b|\d{1,6}(?=\W*$))/im.exec(
      text,
    )?.[1];
  if (named === undefined) return {};
  const commit = named.length < 7 ? {} : { causedBySha: named.toLowerCase() };
  // Seven and more digits may be the number of a Deployment or the start of a commit: what was deployed decides.
  return /^\d{1,15}$/.test(named) ? { causedBy: Number(named), ...commit } : commit;
}
