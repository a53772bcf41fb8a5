import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const folder = 'workflows-templates';
const repository = join(folder, 'repository');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

interface Template {
  on: Record<string, unknown>;
  jobs: Record<string, { name: string; uses?: string }>;
}
const templates = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => ({ ...(parse(read(folder, name)) as Template), name: name.replace(/\.yml$/, '') }));
/**
 * Templates that check every change, with the check that stands for all of their jobs. What only calls a workflow for
 * some changes reports checks of composed names, which no rule of every repository can ask for.
 */
const checks = templates
  .filter(
    ({ on, jobs }) =>
      'pull_request' in on &&
      (jobs['required'] || Object.values(jobs).some(({ uses }) => uses === undefined)),
  )
  .map(({ name, jobs }) => {
    const all = Object.values(jobs);
    return { name, check: (jobs['required'] ?? (all.length === 1 ? all[0] : undefined))?.name };
  });

describe('the ruleset', () => {
  const { rules } = JSON.parse(read(repository, 'rulesets', 'branches.json')) as {
    rules: {
      type: string;
      parameters?: { required_status_checks?: { context: string; integration_id: number }[] };
    }[];
  };
  const required = rules.flatMap(({ parameters }) => parameters?.required_status_checks ?? []);

  it('names exactly the checks that the templates report', () => {
    expect(required.map(({ context }) => context).sort()).toEqual(checks.map(({ check }) => check).sort());
  });

  it('takes each from GitHub Actions only', () => {
    expect([...new Set(required.map(({ integration_id: app }) => app))]).toEqual([15_368]);
  });

  it('has no two checks of one name, which could not be told apart', () => {
    const names = templates.flatMap(({ jobs }) => (jobs['required'] ? [jobs['required'].name] : []));
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(checks)('and its page name the check of $name', ({ name, check }) => {
    expect(read('docs', 'templates', 'repository.md')).toMatch(
      new RegExp(`\\| \`${name}\` +\\| \`${check}\``),
    );
  });
});

describe('the hooks', () => {
  const { repos } = parse(read(repository, '.pre-commit-config.yaml')) as {
    repos: { repo: string; hooks: { id: string; additional_dependencies: string[] }[] }[];
  };
  it('are local, each with its tool at one version', () => {
    for (const { repo, hooks } of repos) {
      expect(repo).toBe('local');
      for (const { id, additional_dependencies: tools } of hooks) {
        expect([id, tools.length > 0]).toEqual([id, true]);
        for (const tool of tools) expect(tool).toMatch(/==\d|@v\d+\.\d+\.\d+$/);
      }
    }
  });

  it('have the versions that the workflows and linters of the suite have', () => {
    const pinned = [
      read('.github', 'workflows', 'security-scan.yml'),
      read('scripts', 'install', 'workflow-linters.txt'),
    ].join('\n');
    const tools = repos.flatMap(({ hooks }) => hooks.flatMap((hook) => hook.additional_dependencies));
    expect(tools.filter((tool) => !tool.startsWith('ruff') && !pinned.includes(tool))).toEqual([]);
  });
});

it('code owners look at every folder that decides which code runs with credentials', () => {
  const lines = read(repository, 'CODEOWNERS').split('\n');
  for (const path of ['/.github/', '/ci/', '/deploy/', '/.github/security/', '/.gitleaks.toml', '.npmrc'])
    expect(lines.filter((line) => line.startsWith(`${path} `)).join()).toMatch(/@org\//);
});

describe.each(templates.map(({ name }) => name))('the template %s', (name) => {
  it('has properties with an icon, and a page', () => {
    const properties = JSON.parse(read(folder, `${name}.properties.json`)) as Record<string, unknown>;
    expect(properties).toMatchObject({
      name: expect.any(String),
      description: expect.any(String),
      iconName: expect.stringMatching(/^octicon [a-z-]+$/),
      categories: expect.any(Array),
    });
    const page = name === 'workflow-lint' ? 'docs/workflow-linting.md' : `docs/templates/${name}.md`;
    expect(existsSync(page)).toBe(true);
    expect(read(page)).toContain(`${name}.yml`);
  });
});
