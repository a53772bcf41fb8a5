/**
 * Why a Node of this version (`v18.20.8`) is too old for a range `>=MAJOR.MINOR`; undefined when it is not. Imports
 * nothing, so that any Node can load it.
 */
export function oldNode(version: string, range: string): string | undefined {
  const least = range.replace('>=', '');
  const [major = 0, minor = 0] = numbers(version);
  const [leastMajor = 0, leastMinor = 0] = numbers(least);
  const isOld = major < leastMajor || (major === leastMajor && minor < leastMinor);
  return isOld ? `Node ${least} or later is needed, this is ${version.replace(/^v/, '')}.` : undefined;
}

const numbers = (version: string) => version.replace(/^v/, '').split('.').map(Number);
