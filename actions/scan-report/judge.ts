import {
  findingSeverities,
  type Finding,
  type Scan,
  type ScanReport,
} from '../../shared/contracts/reports/scan-report.js';
import type { Look } from './look.js';
import type { Found } from './scanners/scanner.js';
import { standingOf, waives, type Waiver } from './waivers.js';

/** A scan that was expected, and what it saw. */
export interface Looked {
  name: string;
  unit: string;
  look: Look;
}

/** What the team decided. */
export interface Rules {
  failAt: ScanReport['failAt'];
  waivers: readonly (Waiver & { line?: number })[];
}

/** Longest text of a scanner that is taken over, in characters. */
const longest = 300;
const cut = (text: string) => {
  const flat = text.replace(/\s+/g, ' ').trim();
  return flat.length > longest ? `${flat.slice(0, longest - 1)}…` : flat;
};

/** Worst first; unknown stands before all, since it may be the worst. */
const rankOf = (severity: Finding['severity']) =>
  severity === 'unknown' ? -1 : findingSeverities.indexOf(severity);

/** The verdict over all scans: blind before found, since what was not looked at may hide anything. */
export function judge(all: readonly Looked[], { failAt, waivers }: Rules, now: number): ScanReport {
  const used = new Set<Waiver>();
  const findings = all
    .flatMap(({ name, look }) =>
      look.findings.map((found): Finding => {
        const isBelow = rankOf(found.severity) > rankOf(failAt);
        const fitting = waivers.filter((waiver) => waives(waiver, found));
        for (const waiver of fitting) used.add(waiver);
        // Of several, the one that lasts longest.
        const waiver = fitting.toSorted((a, b) => b.until.localeCompare(a.until))[0];
        return toFinding(name, found, standingOf(isBelow, waiver, now), waiver);
      }),
    )
    .sort((a, b) => rankOf(a.severity) - rankOf(b.severity));
  const scans = all.map(({ name, unit, look }): Scan => {
    const own = findings.filter(({ scan }) => scan === name);
    return {
      name,
      unit,
      lookedAt: look.lookedAt,
      blind: look.blind.map(cut),
      findings: own.length,
      counted: own.filter(counts).length,
    };
  });
  const blind = scans.filter((scan) => scan.blind.length > 0);
  const counted = findings.filter(counts);
  return {
    schema: 'devops-actions/scan-report@1',
    result: blind.length > 0 ? 'blind' : counted.length > 0 ? 'found' : 'clean',
    message: messageOf(scans, blind, counted, failAt),
    failAt,
    scans,
    findings,
    idleWaivers: waivers
      .filter((waiver) => !used.has(waiver))
      .map(({ finding, where, until, line }) => ({ finding, where, until, ...(line ? { line } : {}) })),
  };
}

/** Whether a finding makes the verdict red. */
export const counts = ({ standing }: Finding): boolean => standing === 'counts' || standing === 'expired';

function toFinding(
  scan: string,
  { id, aliases = [], severity, title, package: of, file, line, fix }: Found,
  standing: Finding['standing'],
  waiver: Rules['waivers'][number] | undefined,
): Finding {
  return {
    scan,
    id: cut(id),
    aliases: aliases.map(cut),
    severity,
    where: cut(of ? `${of.name} ${of.version}`.trim() : `${file ?? 'somewhere'}${line ? `:${line}` : ''}`),
    ...(file === undefined ? {} : { file: cut(file) }),
    ...(line === undefined ? {} : { line }),
    title: cut(title) || cut(id),
    ...(fix === undefined ? {} : { fix: cut(fix) }),
    standing,
    ...(waiver
      ? {
          waiver: {
            reason: waiver.reason,
            by: waiver.by,
            until: waiver.until,
            ...(waiver.line ? { line: waiver.line } : {}),
          },
        }
      : {}),
  };
}

const some = (count: number, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

function messageOf(
  scans: readonly Scan[],
  blind: readonly Scan[],
  counted: readonly Finding[],
  failAt: ScanReport['failAt'],
): string {
  const found = `${some(counted.length, 'finding')} at ${failAt} or worse`;
  if (blind.length === 0)
    return `${some(scans.length, 'scan')} looked: ${counted.length === 0 ? 'no finding' : found.replace(/ at .*/, '')} at ${failAt} or worse`;
  const first = blind[0]!;
  return [
    `${some(blind.length, 'scan')} of ${scans.length} could not look: ${first.name} (${first.blind[0]})${blind.length > 1 ? ' and others' : ''}`,
    ...(counted.length > 0 ? [found] : []),
  ].join('; ');
}
