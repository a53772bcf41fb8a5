import type { ReportOfJob } from '../../shared/runner/report-of-job.js';
import { endOf, parseEnded } from './ended.js';
import type { Found, Scanner } from './scanners/scanner.js';

/** The files of one scan. */
export interface ScanFiles {
  report: ReportOfJob;
  ended: ReportOfJob;
}

/** What one scan saw. It could look only where `blind` is empty. */
export interface Look {
  lookedAt: number;
  findings: readonly Found[];
  blind: readonly string[];
}

/** Reads what a scan left behind. Whatever is missing, cut, refused or empty is a scan that could not look. */
export function lookOf(name: string, scanner: Scanner, { report, ended }: ScanFiles): Look {
  const blind = (why: string): Look => ({ lookedAt: 0, findings: [], blind: [why] });
  if ('why' in ended) return blind(`it did not end: ${name}.ended ${ended.why.replace(/^it /, '')}`);
  const end = parseEnded(ended.text);
  if (!end) return blind(`${name}.ended must be "EXIT" or "EXIT LOOKED-AT", such as "0 14"`);
  const broken = endOf(end.exit);
  if (broken !== undefined) return blind(broken);
  if ('why' in report) return blind(`it ended with ${end.exit} and left no ${name}.json: ${report.why}`);
  if (report.text.trim() === '') return blind(`it ended with ${end.exit} and ${name}.json is empty`);
  const json = parseJson(report.text);
  if (json === undefined) return blind(`${name}.json is no JSON`);
  const reading = scanner.read(json);
  if (typeof reading === 'string') return blind(`${name}.json is not what this scanner writes: ${reading}`);

  const { findings } = reading;
  // Its own word comes first: what stands beside it must not hide that it saw nothing.
  const lookedAt = end.lookedAt === 0 ? 0 : (reading.lookedAt ?? end.lookedAt);
  const reasons = [...(reading.blind ?? [])];
  const { clean, found } = scanner.exits;
  if (!clean.includes(end.exit) && !found.includes(end.exit))
    reasons.push(`it ended with ${end.exit}, as after an error`);
  else if (!clean.includes(end.exit) && findings.length === 0 && reasons.length === 0)
    reasons.push(`it ended with ${end.exit}, as after a finding, and its report has none`);
  if (lookedAt === undefined) reasons.push(`it does not say how many ${scanner.unit} it looked at`);
  else if (lookedAt <= 0) reasons.push(`it looked at no ${scanner.unit}`);
  return { lookedAt: Math.max(0, lookedAt ?? 0), findings, blind: reasons };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
