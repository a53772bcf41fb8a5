import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Finding } from '../../../scripts/lint-workflows/finding.js';
import { lint } from '../../../scripts/lint-workflows/lint.js';
import { stageRepository } from '../../../scripts/lint-workflows/stage.js';
import { actionlint } from '../../../scripts/lint-workflows/tools/actionlint.js';
import { jsonSchema } from '../../../scripts/lint-workflows/tools/json-schema.js';
import { languageService } from '../../../scripts/lint-workflows/tools/language-service.js';
import { zizmor } from '../../../scripts/lint-workflows/tools/zizmor.js';
import { linkActions } from '../../../scripts/release-tree.js';
import { catchers } from '../../support/workflow-catchers.js';
import { corpusFiles, writeCorpus } from '../../support/workflow-corpus.js';

const work = mkdtempSync(join(tmpdir(), 'workflow-corpus-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Everything all linters find in a repository whose own actions are those of the suite. */
async function findingsIn(repository: string): Promise<Finding[]> {
  const bin = execFileSync('sh', ['scripts/install/workflow-linters.sh'], { encoding: 'utf8' }).trim();
  const root = join(work, `stage-of-${basename(repository)}`);
  const stage = stageRepository(repository, root);
  linkActions(root);
  return lint(stage, [actionlint(bin), zizmor(bin), languageService(root), jsonSchema(bin)]);
}

describe('the corpus of workflow faults', () => {
  let found: Finding[] = [];
  beforeAll(async () => {
    const repository = join(work, 'corpus');
    writeCorpus(repository);
    found = await findingsIn(repository);
  });

  it.each(corpusFiles().map((file) => basename(file, '.yml')))(
    '%s is found by those whom the table names',
    (name) => {
      const of = found.filter(({ file }) => basename(file, '.yml') === name);
      const who = new Set(of.map(({ tool, rule }) => `${tool}/${rule}`));
      expect([...who].sort()).toEqual([...(catchers[name] ?? [])].sort());
    },
  );

  it('has no entry in the table without a file', () => {
    const names = corpusFiles().map((file) => basename(file, '.yml'));
    expect(Object.keys(catchers).filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('files beside the workflows', () => {
  const write = (name: string, files: Record<string, string>): string => {
    const github = join(work, name, '.github');
    mkdirSync(join(github, 'ISSUE_TEMPLATE'), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(github, file), text);
    return join(work, name);
  };
  const rulesOf = async (repository: string) =>
    (await findingsIn(repository)).map(({ file, tool, rule }) => `${basename(file)} ${tool}/${rule}`);

  it('are looked at: a Dependabot file without a cooldown', async () => {
    const update = 'package-ecosystem: npm, directory: /, schedule: { interval: weekly }';
    const repository = write('no-cooldown', { 'dependabot.yml': `version: 2\nupdates: [{ ${update} }]\n` });
    expect(await rulesOf(repository)).toEqual(['dependabot.yml zizmor/dependabot-cooldown']);
  });

  it('are looked at: an issue form with an unknown kind of field', async () => {
    const form = 'name: a\ndescription: b\nbody: [{ type: inputt, attributes: { label: c } }]\n';
    const repository = write('bad-form', { 'ISSUE_TEMPLATE/bug.yml': form });
    expect(await rulesOf(repository)).toContain('bug.yml schema/vendor.github-issue-forms');
  });
});

describe('actions of a repository itself', () => {
  it('have their inputs checked, wherever they lie', async () => {
    const repository = join(work, 'own-actions');
    const write = (file: string, text: string) => {
      mkdirSync(join(repository, file, '..'), { recursive: true });
      writeFileSync(join(repository, file), text);
    };
    const action =
      'name: a\ndescription: b\ninputs: { c: { description: d } }\nruns: { using: node24, main: x.js }\n';
    for (const file of ['action.yml', 'tools/a/action.yml']) write(file, action);
    for (const file of ['x.js', 'tools/a/x.js']) write(file, '');
    const steps = ['./', './tools/a'].map((uses) => `      - { uses: ${uses}, with: { c: 1, e: 2 } }\n`);
    const job = '  a:\n    name: A\n    runs-on: ubuntu-24.04\n    timeout-minutes: 5\n    steps:\n';
    const top =
      'name: t\non: push\npermissions: {}\nconcurrency: { group: t, cancel-in-progress: true }\njobs:\n';
    write('.github/workflows/t.yml', `${top}${job}${steps.join('')}`);
    const found = (await findingsIn(repository)).filter(({ tool }) => tool === 'actionlint');
    expect(found.map(({ line, rule }) => `${line} ${rule}`)).toEqual(['11 action', '12 action']);
  });
});

describe('a linter that cannot look', () => {
  it('fails the run instead of finding nothing', async () => {
    const stage = stageRepository(join(work, 'corpus'), join(work, 'stage-without-tools'));
    await expect(lint(stage, [actionlint(join(work, 'nowhere'))])).rejects.toThrow('ENOENT');
  });
});
