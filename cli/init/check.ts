import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openGitHub } from '../../shared/github/client.js';
import { describeProblems } from '../../shared/config/problem.js';
import { findFiles } from '../check/files.js';
import { problemsOf } from '../check/problems.js';
import type { PolicyFile } from '../check/read.js';
import { tokenOf } from '../laptop/repository.js';
import { exitCodes, UsageError, type Shell } from '../shell.js';
import type { Answers } from './answers.js';
import { git, readDisk } from './disk.js';
import { describeDrift, driftOf } from './drift.js';
import { filesOf } from './files.js';
import { lockPath, type Lock } from './lock.js';
import { planFiles, type Step } from './plan.js';
import { proposalOf, proposalSchema } from './proposal.js';
import { judgeProtection, type Finding } from './protection/protection.js';
import { readProtection } from './protection/read-protection.js';
import type { Templates } from './workflow.js';

/** What became of each file since init wrote it, by the answers of then. */
export function stepsOf(
  root: string,
  answers: Answers,
  templates: Templates,
  lock: Lock | undefined,
): Step[] {
  refuseShadow(root);
  const hasCi = existsSync(join(root, answers.ci)) && !Object.hasOwn(lock?.files ?? {}, answers.ci);
  const files = filesOf(answers, templates, hasCi);
  const twice = files.find(({ path }, index) => files.findIndex((other) => other.path === path) !== index);
  if (twice)
    throw new UsageError(
      `Two things would be written to ${twice.path}. Nothing was written. Fix: change --ci, or the name in --service that leads to it.`,
    );
  return planFiles(files, (path) => readDisk(root, path), lock?.files ?? {});
}

/** GitHub reads the first of these files only: a second one of ours would switch the owners of the team off. */
function refuseShadow(root: string): void {
  const ours = '.github/CODEOWNERS';
  if (existsSync(join(root, ours))) return;
  const theirs = ['CODEOWNERS', 'docs/CODEOWNERS'].find((path) => existsSync(join(root, path)));
  if (theirs !== undefined)
    throw new UsageError(
      `GitHub would no longer read ${theirs} beside ${ours}, which init writes a part of. Nothing was written. Fix: git mv ${theirs} ${ours}`,
    );
}

/** What is checked, and by which policy. */
export interface Checked {
  root: string;
  lock: Lock | undefined;
  templates: Templates;
  policy: (steps: readonly Step[]) => PolicyFile;
  /** Whether GitHub is left alone. */
  offline: boolean;
}

/** `init --check`: where files drifted, and which settings let somebody around the gate. Changes nothing. */
export async function checkInit(
  { root, lock, templates, policy, offline }: Checked,
  shell: Shell,
): Promise<number> {
  const { answers } = there(lock);
  const steps = stepsOf(root, answers, templates, lock);
  const drifts = driftOf(steps);
  const edited = steps.filter(({ is, seed }) => is === 'edited' && seed).length;
  shell.out(
    drifts.length === 0
      ? `ok      ${steps.length} files are as this version writes them${edited > 0 ? `, or yours (${edited})` : ''}`
      : `WRONG   files, written by init ${answers.suite.version}:`,
  );
  for (const drift of drifts) shell.out(describeDrift(drift));
  if (drifts.length > 0)
    shell.out(
      '    Fix: run init again (with --ref and --version to upgrade); --force also replaces what somebody changed.',
    );
  const problems = await problemsOf(root, await findFiles(root), [], shell);
  shell.out(
    problems.length === 0
      ? 'ok      the files fit together'
      : `WRONG   the files do not fit together:\n${describeProblems(problems)}`,
  );
  const holds = drifts.length === 0 && problems.length === 0;
  if (offline) return holds ? exitCodes.pass : exitCodes.fail;
  const findings = judgeProtection(answers, policy(steps), await readFrom(answers, shell));
  for (const finding of findings) shell.out(describeFinding(finding));
  const open = findings.filter(({ is }) => is !== 'ok').length;
  shell.out(
    open === 0 && holds
      ? '\nNothing lets anybody around the gate.'
      : `\n${open} of ${findings.length} settings may let somebody around the gate; ${drifts.length} places in files differ; ${problems.length} do not fit together.`,
  );
  return open === 0 && holds ? exitCodes.pass : exitCodes.fail;
}

function there(lock: Lock | undefined): Lock {
  if (lock) return lock;
  throw new UsageError(
    `There is no ${lockPath}: init has not written here, so there is nothing to compare with.`,
  );
}

/** `init --check --proposal`: writes down what this version would write, and changes nothing else. */
export function writeProposal(
  { root, lock: found, templates, file }: Pick<Checked, 'root' | 'lock' | 'templates'> & { file: string },
  { ref, version }: { ref: string | undefined; version: string | undefined },
  shell: Shell,
): number {
  const lock = there(found);
  const base = git(root, 'rev-parse', 'HEAD');
  if (ref === undefined || version === undefined || base === undefined)
    throw new UsageError(
      base === undefined
        ? 'A proposal is for a commit: run this in a clone of the repository.'
        : 'Which version this is is not known: give --ref COMMIT and --version VERSION.',
    );
  const suite = { repository: lock.answers.suite.repository, ref, version };
  const answers = { ...lock.answers, suite };
  const proposal = proposalOf(base, answers, stepsOf(root, answers, templates, lock), lock);
  const checked = proposalSchema.safeParse(proposal);
  if (!checked.success)
    throw new UsageError(
      checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'),
    );
  writeFileSync(file, `${JSON.stringify(proposal)}\n`);
  for (const { path } of proposal.files) shell.out(`proposed ${path}`);
  for (const { path, line, what } of proposal.kept)
    shell.out(`KEPT     ${path}${line === undefined ? '' : `:${line}`} — ${what}`);
  for (const path of proposal.byHand)
    shell.out(
      `BY HAND  ${path} — it would run with a login, secrets or on a runner of yours before anybody reviewed it`,
    );
  shell.out(
    `${proposal.files.length} files by ${version}, ${proposal.kept.length} places kept, ${proposal.byHand.length} files to bring by hand.`,
  );
  return exitCodes.pass;
}

async function readFrom({ repository: full, ...answers }: Answers, shell: Shell) {
  const { token, tokenFrom } = tokenOf(shell, '--offline leaves GitHub out.');
  const [owner = '', repository = ''] = full.split('/');
  const github = await openGitHub({
    token,
    at: { owner, repository, apiUrl: shell.env['GITHUB_API_URL'] || 'https://api.github.com', tokenFrom },
    clock: shell.clock,
    random: shell.random,
  });
  return readProtection(github, { repository: full, ...answers });
}

const words = { ok: 'ok     ', wrong: 'WRONG  ', unknown: 'UNKNOWN' };

function describeFinding({ setting, is, why, fix }: Finding): string {
  const reasons = why.map((one) => `\n    ${one}`).join('');
  return `${words[is]} ${setting}${reasons}${fix === undefined ? '' : `\n    Fix: ${fix}`}`;
}
