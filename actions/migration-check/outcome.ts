import type { MigrationFinding, MigrationReport } from '../../shared/contracts/reports/migration-report.js';
import type { Annotation } from '../../shared/report/annotation.js';
import type { Outcome } from '../../shared/runner/define-action.js';
import type { Outputs } from './inputs.js';

/** The outcome of a report: what it says becomes outputs and annotations; `ok` is its `allowed`. */
export function toOutcome(report: MigrationReport): Outcome<Outputs, MigrationReport> {
  return {
    ok: report.allowed,
    message: report.message,
    report,
    outputs: {
      result: report.result,
      allowed: String(report.allowed),
      'schema-version': report.schemaVersion ?? '',
      'oldest-compatible-app': report.oldestCompatibleApp ?? '',
      backup: report.applied?.backup?.id ?? '',
      endpoint: report.applied?.endpoint ?? '',
    },
    annotations: report.findings.map(annotationOf),
  };
}

function annotationOf(finding: MigrationFinding): Annotation {
  const { rule, level, file, line, detail, why, recipe, waiver } = finding;
  const waived = waiver !== null && !waiver.expired;
  return {
    level: waived ? 'notice' : level,
    title: waived ? `${rule}, waived until ${waiver.until}` : rule,
    message: waived ? `${detail}\nWaived: ${waiver.reason}` : `${detail}\n${why}\nFix: ${recipe}`,
    file,
    ...(line === null ? {} : { line }),
  };
}
