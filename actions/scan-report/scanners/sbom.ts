import * as z from 'zod';
import { defineScanner, type Found, type Scanner } from './scanner.js';

const licence = z.union([
  z.object({ license: z.object({ id: z.string().optional(), name: z.string().optional() }) }),
  z.object({ expression: z.string() }),
]);
const component = z.object({
  name: z.string(),
  version: z.string().default(''),
  licenses: z.array(licence).default([]),
});

/** A CycloneDX list of components, in which licences of a list are denied. */
export const sbom = (denied: readonly string[]): Scanner => {
  const names = new Map(denied.map((name) => [name.toLowerCase(), name]));
  return defineScanner({
    unit: 'components',
    schema: z.object({ bomFormat: z.literal('CycloneDX'), components: z.array(component).default([]) }),
    read: ({ components }) => ({
      lookedAt: components.length,
      findings: components.flatMap(({ name, version, licenses }): Found[] => {
        const of = { name, version };
        if (names.size > 0 && licenses.length === 0)
          return [{ id: 'no-licence', severity: 'low', title: `${name} names no licence`, package: of }];
        return licenses
          .flatMap((each) => deniedIn(textOf(each), names))
          .map((id) => ({
            id,
            severity: 'high',
            title: `${name} has the licence ${id}, which is denied`,
            package: of,
          }));
      }),
    }),
  });
};

const textOf = (each: z.output<typeof licence>): string =>
  'expression' in each ? each.expression : (each.license.id ?? each.license.name ?? '');

/**
 * The denied licences of an SPDX expression. A plain list of alternatives leaves a choice; where AND and OR are mixed,
 * every licence named counts rather than one too few.
 */
function deniedIn(expression: string, denied: ReadonlyMap<string, string>): string[] {
  const whole = denied.get(expression.toLowerCase());
  if (whole !== undefined) return [whole];
  const words = expression.replace(/[()]/g, ' ').split(/\s+/);
  const isChoice = words.includes('OR') && !words.includes('AND') && !words.includes('WITH');
  const names = words.filter((word) => word !== '' && !['OR', 'AND', 'WITH'].includes(word));
  const found = names.flatMap((name) => denied.get(name.toLowerCase()) ?? []);
  return isChoice && found.length < names.length ? [] : [...new Set(found)];
}
