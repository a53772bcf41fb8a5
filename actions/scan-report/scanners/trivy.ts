import * as z from 'zod';
import { defineScanner, severityOf, type Found } from './scanner.js';

const vulnerability = z.object({
  VulnerabilityID: z.string(),
  PkgName: z.string(),
  InstalledVersion: z.string(),
  FixedVersion: z.string().default(''),
  Severity: z.string(),
  Title: z.string().default(''),
});

/** `trivy image --format json`. An image in which it recognized nothing has no results, and is as green as a clean one. */
export const trivy = defineScanner({
  unit: 'package lists',
  schema: z.object({
    SchemaVersion: z.literal(2),
    ArtifactName: z.string(),
    Metadata: z
      .object({
        OS: z.object({ Family: z.string(), Name: z.string(), EOSL: z.boolean().default(false) }).optional(),
      })
      .optional(),
    Results: z
      .array(z.object({ Target: z.string(), Vulnerabilities: z.array(vulnerability).default([]) }))
      .default([]),
  }),
  read({ ArtifactName: image, Metadata, Results }) {
    const findings = Results.flatMap(({ Vulnerabilities }) =>
      Vulnerabilities.map((each): Found => ({
        id: each.VulnerabilityID,
        severity: severityOf(each.Severity),
        title: each.Title,
        package: { name: each.PkgName, version: each.InstalledVersion },
        ...(each.FixedVersion ? { fix: `take ${each.PkgName} ${each.FixedVersion}` } : {}),
      })),
    );
    const system = Metadata?.OS;
    if (system?.EOSL) {
      findings.push({
        id: 'end-of-life',
        severity: 'high',
        title: `${system.Family} ${system.Name} gets no advisories any more: nothing found says nothing`,
        package: { name: image, version: system.Name },
        fix: 'take a newer base image',
      });
    }
    return { lookedAt: Results.length, findings };
  },
});
