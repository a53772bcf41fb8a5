import * as z from 'zod';
import { defineScanner, severityOf } from './scanner.js';

const advisory = z.object({
  module_name: z.string(),
  severity: z.string(),
  title: z.string(),
  url: z.string(),
  github_advisory_id: z.string().nullish(),
  cves: z.array(z.string()).default([]),
  vulnerable_versions: z.string(),
  patched_versions: z.string().nullish(),
});
const report = z.object({
  error: z.null().optional(),
  advisories: z.record(z.string(), advisory),
  metadata: z.object({
    totalDependencies: z.int(),
    vulnerabilities: z.record(z.string(), z.number()).default({}),
  }),
});
const refused = z.object({ error: z.object({ message: z.string().default('it does not say why') }) });

/** `pnpm audit --json`. A registry that is out of reach leaves `error` and ends with 1, as vulnerabilities do. */
export const pnpmAudit = defineScanner({
  unit: 'packages',
  exits: { found: [1] },
  schema: z.union([refused, report], 'neither an audit report nor an error of pnpm'),
  read(given) {
    if (given.error) return { findings: [], blind: [`pnpm could not audit: ${given.error.message}`] };
    const { totalDependencies: lookedAt, vulnerabilities } = given.metadata;
    const severities = new Set(Object.values(given.advisories).map(({ severity }) => severity));
    return {
      lookedAt,
      // pnpm takes them out of the list and leaves their count.
      blind: Object.entries(vulnerabilities)
        .filter(([severity, count]) => count > 0 && !severities.has(severity))
        .map(
          ([severity, count]) =>
            `${count} of severity ${severity} were left out by auditConfig of the project`,
        ),
      findings: Object.values(given.advisories).map((each) => ({
        id: each.github_advisory_id ?? each.url.split('/').at(-1) ?? each.url,
        aliases: each.cves,
        severity: severityOf(each.severity),
        title: each.title,
        package: { name: each.module_name, version: each.vulnerable_versions },
        ...(each.patched_versions ? { fix: `take ${each.module_name} ${each.patched_versions}` } : {}),
      })),
    };
  },
});
