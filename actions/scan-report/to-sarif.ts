import type { Finding, ScanReport } from '../../shared/contracts/reports/scan-report.js';

/** Scores in the middle of each band, which GitHub turns back into the word. */
const scores = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0', unknown: '8.0' } as const;
const levels = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  unknown: 'error',
} as const;

/** All findings as SARIF 2.1.0, one run for each scan that looked: GitHub closes what such a run no longer has. */
export function toSarif({ scans, findings }: ScanReport): string {
  const runs = scans
    .filter(({ blind }) => blind.length === 0)
    .map(({ name }) => {
      const own = findings.filter(({ scan }) => scan === name);
      const rules = new Map(own.map((each) => [each.id, each]));
      return {
        tool: {
          driver: {
            name: `scan-report ${name}`,
            rules: [...rules.values()].map(({ id, title, severity }) => ({
              id,
              shortDescription: { text: title },
              properties: { 'security-severity': scores[severity], tags: ['security'] },
            })),
          },
        },
        automationDetails: { id: `scan-report/${name}/` },
        results: own.map(toResult),
      };
    });
  return `${JSON.stringify({ version: '2.1.0', $schema: 'https://json.schemastore.org/sarif-2.1.0.json', runs }, null, 2)}\n`;
}

const toResult = ({ id, severity, title, where, file, line, fix, standing, waiver }: Finding) => ({
  ruleId: id,
  level: levels[severity],
  message: { text: [title, where, ...(fix === undefined ? [] : [`Fix: ${fix}`])].join('. ') },
  locations: [
    {
      physicalLocation: {
        // Code scanning takes no result without a file.
        artifactLocation: { uri: file ?? 'README.md' },
        region: { startLine: Math.max(1, line ?? 1) },
      },
    },
  ],
  ...(standing === 'waived' && waiver
    ? {
        suppressions: [
          { kind: 'external', justification: `${waiver.reason} (${waiver.by}, until ${waiver.until})` },
        ],
      }
    : {}),
});
