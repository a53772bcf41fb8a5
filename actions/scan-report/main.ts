import { join } from 'node:path';
import { loadConfig } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { jobBegan, readReportOfJob } from '../../shared/runner/report-of-job.js';
import type { ScanReport } from '../../shared/contracts/reports/scan-report.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs, type Inputs } from './inputs.js';
import { counts, judge, type Rules } from './judge.js';
import { lookOf, type ScanFiles } from './look.js';
import { render } from './render.js';
import { scannerOf } from './scanners/registry.js';
import { toSarif } from './to-sarif.js';
import { endsTooLate, mostDays, waiversSchema } from './waivers.js';

/** Largest report of a scanner that is read, in bytes. */
const mostBytes = 200_000_000;

export const action = defineAction({
  name: 'scan-report',
  title: 'Scan report',
  description:
    'One verdict over the reports of all security scanners: what they found, what is waived until when, and whether each of them looked at all.',
  branding: { icon: 'shield', color: 'blue' },
  inputs,
  outputs,
  render,
  async run(input, { context, clock }) {
    const { workspace, eventPath } = context;
    const began = await jobBegan(eventPath);
    const now = clock.now();
    const rules: Rules = { failAt: input['fail-at'], waivers: await readWaivers(workspace, input, now) };
    const looked = await Promise.all(
      input.scans.map(async ({ scanner, name }) => {
        const reads = scannerOf(scanner, input['denied-licences']);
        const files = await readScan(workspace, join(input.reports, name), began);
        return { name, unit: reads.unit, look: lookOf(name, reads, files) };
      }),
    );
    const report = judge(looked, rules, now);
    const { result, message, findings } = report;
    return {
      ok: result === 'clean',
      message,
      outputs: { result, counted: String(findings.filter(counts).length) },
      report,
      annotations: annotationsOf(report),
      files: { sarif: { name: 'scan-report.sarif', text: toSarif(report) } },
    };
  },
});

async function readWaivers(
  workspace: string,
  { waivers: path }: Inputs,
  now: number,
): Promise<Rules['waivers']> {
  if (path === undefined) return [];
  const { value, file, placeOf } = await loadConfig(workspace, path, 'waivers', waiversSchema);
  const waivers = value.waivers.map((waiver, at) => ({
    ...waiver,
    line: placeOf(['waivers', at])?.line ?? 1,
  }));
  const late = waivers.filter((waiver) => endsTooLate(waiver, now));
  if (late.length === 0) return waivers;
  throw new ConfigurationError(
    late.map(({ until, line }) => ({
      file,
      line,
      path: 'until',
      got: until,
      allowed: `a day at most ${mostDays} days ahead`,
      fix: 'name a day on which somebody looks at it again',
    })),
  );
}

async function readScan(workspace: string, base: string, began: number | undefined): Promise<ScanFiles> {
  // Missing, unreadable or far too large: the scan could not look, and the others are still judged.
  const read = (file: string) =>
    readReportOfJob(workspace, file, { most: mostBytes, began, input: 'reports' });
  const [report, ended] = await Promise.all([read(`${base}.json`), read(`${base}.ended`)]);
  return { report, ended };
}

function annotationsOf({ scans, findings }: ScanReport): Annotation[] {
  const blind = scans.flatMap(({ name, blind: reasons }): Annotation[] =>
    reasons.length === 0
      ? []
      : [{ level: 'error', title: `${name} could not look`, message: reasons.join('; ') }],
  );
  const found = findings.filter(counts).map(({ scan, id, title, where, file, line, fix }): Annotation => ({
    level: 'error',
    title: `${scan}: ${id}`,
    message: `${title}. ${where}${fix === undefined ? '' : `. Fix: ${fix}`}`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }));
  return [...blind, ...found];
}
