import compare from 'semver/functions/compare.js';
import parse from 'semver/functions/parse.js';

export interface Tag {
  name: string;
  /** The commit it stands on, also of an annotated tag. */
  sha: string;
}

/** The tag that the commit has, the next one to make, or why there can be none. */
export type Numbered =
  { is: 'exists'; tag: string } | { is: 'next'; tag: string } | { is: 'refused'; why: string; fix: string };

/**
 * Which candidate of a version a commit is. The number is one more than the highest there is, so that two who ask at
 * the same time want the same name, which git gives once.
 */
export function numberOf(tags: readonly Tag[], version: string, prefix: string, sha: string): Numbered {
  const read = tags.flatMap((tag) => {
    const found = tag.name.startsWith(prefix) ? parse(tag.name.slice(prefix.length)) : null;
    return found ? [{ ...tag, version: found }] : [];
  });
  const wanted = parse(version)!;
  const released = read.filter(({ version: found }) => found.prerelease.length === 0);
  const taken = released.find(({ version: found }) => compare(found, wanted) === 0);
  if (taken)
    return {
      is: 'refused',
      why: `${taken.name} is released already`,
      fix: 'name the version that comes after it',
    };
  const newer = released.find(({ version: found }) => compare(found, wanted) > 0);
  if (newer)
    return {
      is: 'refused',
      why: `${newer.name} is newer than ${version}`,
      fix: `name a version after ${newer.name}`,
    };
  const candidates = read.flatMap(({ name, sha: at, version: found }) => {
    const [word, number] = found.prerelease;
    const isOurs =
      found.prerelease.length === 2 &&
      word === 'rc' &&
      typeof number === 'number' &&
      [found.major, found.minor, found.patch].join('.') === version;
    return isOurs ? [{ name, sha: at, number }] : [];
  });
  const here = candidates.filter((one) => one.sha === sha).sort((a, b) => b.number - a.number)[0];
  if (here) return { is: 'exists', tag: here.name };
  const highest = Math.max(0, ...candidates.map(({ number }) => number));
  return { is: 'next', tag: `${prefix}${version}-rc.${highest + 1}` };
}
