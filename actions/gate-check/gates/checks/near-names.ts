import { suggest } from '../../../../shared/text/suggest.js';

/** Most names in a message, and letters of each: anybody who may post a check chooses its name. */
const most = { names: 10, letters: 80, compared: 500 };

/** A name of others as it stands in a message: on one line, cut, between quotes. */
export const quoteName = (name: string): string =>
  JSON.stringify(name.length > most.letters ? `${name.slice(0, most.letters)}…` : name);

/**
 * The names that were found in place of one, in alphabetical order, and the one that was meant: `"a", "b" and 3 more.
 * Did you mean "a"?`. Empty where none was found.
 */
export function namesFound(
  asked: string,
  found: readonly string[],
  {
    meant = (names: readonly string[]) => suggest(asked, names),
    fix,
  }: {
    meant?: (names: readonly string[]) => string | undefined;
    /** What to write in the policy for the name that was meant. */
    fix: (name: string) => string;
  },
): string {
  const names = [...new Set(found)].sort();
  if (names.length === 0) return '';
  const shown = names.slice(0, most.names).map(quoteName);
  const more = names.length > most.names ? ` and ${names.length - most.names} more` : '';
  const near = meant(names.filter(({ length }) => length <= most.letters).slice(0, most.compared));
  const hint =
    near === undefined
      ? ''
      : `. Did you mean ${quoteName(near)}? Fix: in the policy write  ${fix(asYaml(near))}`;
  return `${shown.join(', ')}${more}${hint}`;
}

/** A name as YAML has it: JSON's quotes are YAML's too. */
const asYaml = (name: string) =>
  /^[\p{L}\p{N}_./][\p{L}\p{N}_ ./()-]*$/u.test(name) ? name : JSON.stringify(name);
