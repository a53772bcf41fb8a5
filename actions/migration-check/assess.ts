import type {
  MigrationFile,
  MigrationFinding,
  MigrationStep,
} from '../../shared/contracts/reports/migration-report.js';
import { compareVersions } from '../../shared/contracts/version-order.js';
import type { MigrationsFile } from './config/schema.js';
import { conclude } from './conclude.js';
import type { Collected } from './find/collect.js';
import type { ReadMigration } from './find/read.js';
import { judgeMigration, type Held } from './judge/migration.js';
import { State } from './judge/state.js';
import { onlySquawk } from './squawk/said.js';
import { toolFacts } from './tools/registry.js';
import { applyWaivers, toFinding, type RawFinding } from './waive/apply.js';
import { isOver, readDirectives, type Directive } from './waive/directive.js';

import type { Assessment, Question } from './question.js';

/** Judges every new migration in order. Pure. */
export function assess(question: Question): Assessment {
  const { config, collected, now } = question;
  const state = stateBefore(collected);
  const files: MigrationFile[] = [];
  const findings: MigrationFinding[] = [];
  const plan: MigrationStep[] = [];
  const directives: Directive[] = [];
  let held: Held | undefined;
  const added = collected.flatMap((one) => one.added);
  for (const one of added) {
    const order = files.length + 1;
    const own = readDirectives(one.comments, now);
    const together = toolFacts[one.tool].together === true && one.transaction === 'file';
    const judged = judgeMigration(
      one.statements,
      one.transaction,
      state,
      config.timeouts !== undefined,
      together ? held : undefined,
    );
    held = together ? judged.held : undefined;
    const reversible = reversibleOf(one, own);
    const raw: RawFinding[] = [
      ...one.failures.map((failure) => ({ ...failure, file: one.path, at: undefined })),
      ...judged.found.map(({ rule, detail, at }) => ({
        rule,
        detail,
        file: one.path,
        line: one.hasLines ? one.statements[at]!.line : null,
        at,
      })),
      ...(reversible === 'not-said' && toolFacts[one.tool].inverse
        ? [whole(one.path, 'irreversible', 'it has no inverse and does not say why')]
        : []),
      ...wrongOf(collected, one.path),
      ...tooOld(own, question, one.path),
      ...(order === 1 && !question.live
        ? [
            whole(
              one.path,
              'nothing-live',
              `the ledger has nothing live, so all ${added.length} count as new`,
            ),
          ]
        : []),
    ];
    const more = onlySquawk(question.squawk?.get(one.path) ?? [], one.statements, raw).map((said) => ({
      ...said,
      file: one.path,
      line: one.hasLines ? one.statements[said.at]!.line : null,
    }));
    findings.push(
      ...applyWaivers(
        { path: one.path, statements: one.statements, directives: own, hasLines: one.hasLines },
        [...raw, ...more],
        now,
      ),
    );
    directives.push(...own);
    files.push({
      path: one.path,
      tool: one.tool,
      order,
      version: one.version,
      reversible,
      statements: one.failures.some(({ rule }) => rule !== 'unknown-code') ? null : one.statements.length,
    });
    plan.push(
      ...judged.steps.map((step, at) => ({
        ...step,
        line: one.hasLines ? step.line : null,
        file: one.path,
        order: plan.length + at + 1,
      })),
    );
  }
  const seen = new Set(files.map(({ path }) => path));
  for (const { rule, file, detail } of collected.flatMap(({ wrong }) => wrong))
    if (!seen.has(file)) findings.push(toFinding(whole(file, rule, detail), [], undefined, now));
  for (const folder of question.leftOut)
    findings.push(
      toFinding(
        whole(folder, 'folder-left-out', 'the live release names it, this one does not'),
        [],
        undefined,
        now,
      ),
    );
  return conclude(question, {
    files,
    findings: waivedByConfig(findings, config, now),
    plan,
    oldestApps: directives.flatMap((one) => (one.is === 'oldest-app' ? [one.version] : [])),
  });
}

/** What the migrations that ran before have made, where their SQL is known. */
function stateBefore(collected: readonly Collected[]): State {
  const state = new State();
  for (const { statements, transaction } of collected.flatMap(({ history }) => history))
    judgeMigration(statements, transaction, state, true);
  state.beginRelease(collected.every(({ historyIsWhole }) => historyIsWhole));
  return state;
}

const whole = (file: string, rule: RawFinding['rule'], detail: string): RawFinding => ({
  rule,
  detail,
  file,
  line: null,
  at: undefined,
});

const wrongOf = (collected: readonly Collected[], path: string): RawFinding[] =>
  collected
    .flatMap(({ wrong }) => wrong)
    .filter(({ file }) => file === path)
    .map(({ rule, file, detail }) => whole(file, rule, detail));

/** The live app runs on the schema for as long as the switch takes. */
const tooOld = (own: readonly Directive[], { live }: Question, path: string): RawFinding[] =>
  own.flatMap((one) => {
    if (one.is !== 'oldest-app' || !live) return [];
    const order = live.version === null ? undefined : compareVersions(live.version, one.version);
    if (order !== undefined && order >= 0) return [];
    const now = live.version ?? 'one whose version is not known';
    const detail = `the oldest app for it is ${one.version}, and ${now} is live`;
    return [{ ...whole(path, 'live-app-too-old', detail), line: one.line }];
  });

function reversibleOf(one: ReadMigration, directives: readonly Directive[]): MigrationFile['reversible'] {
  if (one.down !== undefined && one.down.trim() !== '') return 'yes';
  return directives.some(({ is }) => is === 'irreversible') ? 'no' : 'not-said';
}

/** Waivers of the migrations file, for what has no file of its own any more. */
function waivedByConfig(
  findings: readonly MigrationFinding[],
  { waivers }: MigrationsFile,
  now: number,
): MigrationFinding[] {
  return findings.map((finding) => {
    const fit = waivers.find(({ rule, file }) => rule === finding.rule && file === finding.file);
    if (!fit || finding.waiver) return finding;
    const { until, because: reason } = fit;
    return { ...finding, waiver: { reason, until, expired: isOver(until, now), line: null } };
  });
}
