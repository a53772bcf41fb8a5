import type { MigrationFinding } from '../../../shared/contracts/reports/migration-report.js';
import { rules, type RuleId } from '../rules/registry.js';
import { shorten, type Statement } from '../sql/statement.js';
import { isOver, type Directive } from './directive.js';

/** Something found, before it is looked up whether it is waived. */
export interface RawFinding {
  rule: RuleId;
  detail: string;
  file: string;
  line: number | null;
  /** Its place among the statements of its file; undefined where the whole file is meant. */
  at: number | undefined;
}

type Allow = Extract<Directive, { is: 'allow' }>;

/** Where a migration's waivers stand. */
export interface WaivedFile {
  path: string;
  statements: readonly Statement[];
  directives: readonly Directive[];
  /** Whether a waiver stands with its statement; in a program it counts for the whole file. */
  hasLines: boolean;
}

/**
 * Findings of a file with the waivers that let them through, and what is wrong with these. A waiver counts for the
 * statement that it stands before, in, or behind on the same line, and for what is found of the file as a whole.
 */
export function applyWaivers(file: WaivedFile, raw: readonly RawFinding[], now: number): MigrationFinding[] {
  const allows = file.directives.filter((one): one is Allow => one.is === 'allow');
  const used = new Set<Allow>();
  const findings = raw.map((one) => {
    const fitting = allows.filter((allow) => allow.rule === one.rule && reaches(allow, one, file));
    fitting.forEach((allow) => used.add(allow));
    // The one that is good for longest decides.
    const allow = fitting.sort((a, b) => (a.until < b.until ? 1 : -1))[0];
    return toFinding(one, file.statements, allow, now);
  });
  const wrong = file.directives.flatMap((one): RawFinding[] => {
    const place = { file: file.path, line: one.line, at: undefined };
    if (one.is === 'wrong') return [{ rule: 'wrong-waiver', detail: one.why, ...place }];
    if (one.is !== 'allow' || used.has(one)) return [];
    return [{ rule: 'unused-waiver', detail: `nothing here is found by ${one.rule}`, ...place }];
  });
  return [...findings, ...wrong.map((one) => toFinding(one, file.statements, undefined, now))];
}

function reaches(allow: Allow, { at }: RawFinding, { statements, hasLines }: WaivedFile): boolean {
  if (at === undefined || !hasLines) return true;
  const next = statements.findIndex(({ lastLine }) => lastLine >= allow.line);
  return (next < 0 ? statements.length - 1 : next) === at;
}

/** A finding as the report has it. */
export function toFinding(
  { rule, detail, file, line, at }: RawFinding,
  statements: readonly Statement[],
  allow: Pick<Allow, 'reason' | 'until' | 'line'> | undefined,
  now: number,
): MigrationFinding {
  const { level, why, recipe } = rules[rule];
  const statement = at === undefined ? undefined : statements[at];
  return {
    rule,
    level,
    file,
    line,
    statement: statement ? shorten(statement.text) : '',
    detail,
    why,
    recipe,
    waiver: allow
      ? {
          reason: allow.reason,
          until: allow.until,
          expired: isOver(allow.until, now),
          line: allow.line,
        }
      : null,
  };
}

/** Whether a finding stops what is to be done. */
export const isOpen = ({ waiver }: MigrationFinding): boolean => waiver === null || waiver.expired;
