import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { lint } from '../../../scripts/lint-workflows/lint.js';
import { pinSuite, stageRepository, stageTemplates } from '../../../scripts/lint-workflows/stage.js';

const work = mkdtempSync(join(tmpdir(), 'stage-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function repository(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(work, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const workflow = 'on: pull_request\njobs:\n  test: { runs-on: x, steps: [{ run: a }] }\n';

describe('a repository that is linted', () => {
  it('names its files as its owner knows them, and says which are no YAML', async () => {
    const root = repository('broken', { '.github/workflows/a.yml': 'on: [push\njobs: }\n' });
    const [finding] = await lint(stageRepository(root, join(work, 'stage-1')), []);
    expect(finding).toMatchObject({ file: join(root, '.github/workflows/a.yml'), line: 2, rule: 'yaml' });
  });

  it('says by its rulesets which checks are required', async () => {
    const ruleset = {
      rules: [
        { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'test' }] } },
      ],
    };
    const files = {
      '.github/workflows/a.yml': workflow,
      '.github/rulesets/main.json': JSON.stringify(ruleset),
    };
    const found = await lint(stageRepository(repository('rules', files), join(work, 'stage-2')), []);
    expect(found.map(({ rule }) => rule)).toEqual(['merge-group']);
  });

  it('is copied, so that no linter writes into it', () => {
    const root = repository('whole', { '.github/workflows/a.yml': workflow });
    const stage = stageRepository(root, join(work, 'stage-3'));
    expect(stage.root).not.toBe(root);
    expect(readFileSync(join(stage.root, stage.files[0]!), 'utf8')).toBe(workflow);
  });
});

describe('a template that is linted', () => {
  it('is looked at where a team puts it, and named where it stands', () => {
    const folder = repository('templates', { 'cd.yml': workflow, 'cd.properties.json': '{}' });
    const stage = stageTemplates(folder, join(work, 'stage-4'), { workflows: [] });
    expect(stage.files).toEqual([join('.github', 'workflows', 'cd.yml')]);
    expect(stage.shown(stage.files[0]!)).toBe(join(folder, 'cd.yml'));
  });

  it('is pinned to a commit in every place that names the suite, and nowhere else', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    const source = `# uses: org/devops-actions/gate-check@v1
jobs:
  a: { uses: org/devops-actions/.github/workflows/cd.yml@v1 } # ours
  b:
    steps:
      - uses: 'org/devops-actions/gate-check@v1'
      - uses: actions/checkout@v7
      - run: echo org/devops-actions/gate-check@v1
`;
    expect(pinSuite(source)).toBe(`# uses: org/devops-actions/gate-check@v1
jobs:
  a: { uses: org/devops-actions/.github/workflows/cd.yml@${commit} } # ours
  b:
    steps:
      - uses: 'org/devops-actions/gate-check@${commit}'
      - uses: actions/checkout@v7
      - run: echo org/devops-actions/gate-check@v1
`);
  });
});
