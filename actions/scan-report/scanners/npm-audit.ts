import * as z from 'zod';
import { defineScanner, severityOf, type Found } from './scanner.js';

const advisory = z.object({
  title: z.string(),
  url: z.string(),
  severity: z.string(),
  range: z.string(),
});
const report = z.object({
  error: z.null().optional(),
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      name: z.string(),
      via: z.array(z.union([z.string(), advisory])),
      fixAvailable: z.union([z.boolean(), z.object({ name: z.string(), version: z.string() })]),
    }),
  ),
  metadata: z.object({ dependencies: z.object({ total: z.int() }) }),
});
const refused = z.object({
  message: z.string().optional(),
  error: z.object({ summary: z.string().optional() }),
});

/**
 * `npm audit --json`, report version 2. A registry that is out of reach leaves `error` and ends with 1, as
 * vulnerabilities do.
 */
export const npmAudit = defineScanner({
  unit: 'packages',
  exits: { found: [1] },
  schema: z.union([refused, report], 'neither an audit report of version 2 nor an error of npm'),
  read(given) {
    if (given.error) {
      const why = given.message ?? given.error.summary ?? 'it does not say why';
      return { findings: [], blind: [`npm could not audit: ${why}`] };
    }
    const findings = Object.values(given.vulnerabilities).flatMap(({ name, via, fixAvailable }) =>
      via.flatMap((each): Found[] => {
        // A text names the dependency that brings it, which has an entry of its own.
        if (typeof each === 'string') return [];
        const fix =
          typeof fixAvailable === 'object' ? `take ${fixAvailable.name} ${fixAvailable.version}` : undefined;
        return [
          {
            id: each.url.split('/').at(-1) || each.url,
            severity: severityOf(each.severity),
            title: each.title,
            package: { name, version: each.range },
            ...(fix ? { fix } : fixAvailable === true ? { fix: `npm update ${name}` } : {}),
          },
        ];
      }),
    );
    return { lookedAt: given.metadata.dependencies.total, findings };
  },
});
