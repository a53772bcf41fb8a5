/** Shortest part of an address that can be a token: shorter ones are words such as `services`. */
const shortest = 8;

/**
 * The parts of a secret address that are secrets by themselves: a service may answer with its path, a token or the
 * signature alone.
 */
export function secretParts(secret: string | undefined): string[] {
  if (secret === undefined || !URL.canParse(secret)) return [];
  const { pathname, search, searchParams, username, password } = new URL(secret);
  const parts = [...pathname.split('/'), ...searchParams.values(), username, password];
  const tokens = parts.filter((part) => part.length >= shortest && /\d|[A-Z].*[A-Z]|^.{20,}$/.test(part));
  return tokens.length === 0
    ? []
    : [pathname, search.slice(1), ...tokens].filter((part) => part.length >= shortest);
}
