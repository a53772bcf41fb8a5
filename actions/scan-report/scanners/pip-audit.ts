import * as z from 'zod';
import { defineScanner, type Found } from './scanner.js';

const vulnerability = z.object({
  id: z.string().min(1),
  aliases: z.array(z.string()).default([]),
  fix_versions: z.array(z.string()),
  description: z.string().default(''),
});
const dependency = z.union([
  z.object({ name: z.string(), skip_reason: z.string() }),
  z.object({ name: z.string(), version: z.string(), vulns: z.array(vulnerability) }),
]);

/** Nobody publishes advisories for a package that is not public: a team may decide that it stays. */
const notPublic = /not found on PyPI/;

/** `pip-audit --format json`. It ends with 0 although it could not look a package up: that is `skip_reason`. */
export const pipAudit = defineScanner({
  unit: 'packages',
  exits: { found: [1] },
  schema: z.object({ dependencies: z.array(dependency) }),
  read({ dependencies }) {
    const findings: Found[] = [];
    const blind: string[] = [];
    for (const each of dependencies) {
      if ('skip_reason' in each && notPublic.test(each.skip_reason)) {
        findings.push({
          id: 'not-on-pypi',
          severity: 'unknown',
          title: `Nothing is known of it: ${each.skip_reason}`,
          package: { name: each.name, version: '' },
        });
        continue;
      }
      if ('skip_reason' in each) {
        blind.push(`${each.name} was not looked up: ${each.skip_reason}`);
        continue;
      }
      for (const { id, aliases, fix_versions: fixes, description } of each.vulns) {
        findings.push({
          id,
          aliases,
          severity: 'unknown', // it does not say how bad
          title: description,
          package: { name: each.name, version: each.version },
          ...(fixes.length === 0 ? {} : { fix: `take ${each.name} ${fixes.join(' or ')}` }),
        });
      }
    }
    return { lookedAt: dependencies.filter((each) => 'vulns' in each).length, findings, blind };
  },
});
