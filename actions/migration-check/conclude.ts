import type { MigrationFinding } from '../../shared/contracts/reports/migration-report.js';
import { compareVersions } from '../../shared/contracts/version-order.js';
import type { Assessment, Question } from './question.js';
import { compatibility } from './rules/compatibility.js';
import { isOpen } from './waive/apply.js';

type Judged = Pick<Assessment, 'files' | 'findings' | 'plan'> & {
  /** What migrations say of the oldest app that they can do with. */
  oldestApps: readonly string[];
};

/** The answer to all that was found. */
export function conclude(question: Question, { files, findings, plan, oldestApps }: Judged): Assessment {
  const { failOn, live, collected } = question;
  const said = newest(oldestApps);
  const counts = ({ level }: MigrationFinding) =>
    level === 'error' || (level === 'warning' && failOn === 'warning');
  const open = findings.filter((finding) => counts(finding) && isOpen(finding));
  const waived = findings.filter((finding) => counts(finding) && !isOpen(finding));
  const allowed = open.length === 0;
  const versions = collected.flatMap(({ version }) => version ?? []);
  return {
    result: !allowed ? 'unsafe' : waived.length > 0 ? 'waived' : files.length === 0 ? 'none-changed' : 'safe',
    allowed,
    message: messageOf(open, waived, files.length),
    files,
    findings,
    plan,
    schemaVersion: versions.length === 0 ? (live?.schema?.version ?? null) : versions.join(' + '),
    oldestCompatibleApp: oldestApp(question, findings, allowed, said),
  };
}

function messageOf(
  open: readonly MigrationFinding[],
  waived: readonly MigrationFinding[],
  files: number,
): string {
  const what = files === 0 ? 'No migration changed' : counted(files, 'migration');
  if (open.length > 0) {
    const named = [...new Set(open.map(({ rule }) => rule))];
    return `${what}, and ${counted(open.length, 'finding')} that must be fixed or waived: ${named.join(', ')}`;
  }
  if (files === 0 && waived.length === 0) return what;
  return waived.length > 0 ? `${what}, safe with ${counted(waived.length, 'waiver')}` : `${what}, safe`;
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

const newest = (versions: readonly string[]) =>
  versions.reduce<string | undefined>(
    (best, one) => (best === undefined || (compareVersions(one, best) ?? 1) > 0 ? one : best),
    undefined,
  );

/** Changes that an app before the live one may not have been made for. */
const narrows: ReadonlySet<string> = new Set([
  ...Object.keys(compatibility).filter(
    (rule) => !['add-enum-value', 'replace-view', 'privileges'].includes(rule),
  ),
  'add-check',
  'add-foreign-key',
  'add-unique',
  'detach-partition',
  'truncate',
  'unknown-code',
  'unknown-statement',
  'unparsable',
  'unreadable',
  'not-judged',
]);

/**
 * Additive changes leave the oldest app where it was. Others were judged against the live app alone, so that is the
 * oldest one; where they are not allowed it is the released one.
 */
function oldestApp(
  { live, version }: Question,
  findings: readonly MigrationFinding[],
  allowed: boolean,
  said: string | undefined,
): string | null {
  if (!live || !allowed) return version ?? null;
  const before = live.schema?.oldestCompatibleApp ?? live.version;
  if (!findings.some(({ rule }) => narrows.has(rule)))
    return said === undefined ? before : (newest(before === null ? [said] : [before, said]) ?? null);
  return said ?? live.version;
}
