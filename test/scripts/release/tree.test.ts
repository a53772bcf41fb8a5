import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { linksOf } from '../../../scripts/release/documents.js';
import { publishedLink } from '../../../scripts/release/layout.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';

const source = { repository: 'acme/devops-actions', sha: 'a'.repeat(40) };

describe('the documents of the release tree', () => {
  let tree: string;
  let files: string[];
  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'release-tree-'));
    writeReleaseTree(tree, source);
    files = readdirSync(tree, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  });
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('have no dead link', () => {
    const dead = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        linksOf(readFileSync(file, 'utf8'))
          .filter((href) => !/^([a-z]+:|#)/.test(href))
          .filter((href) => !existsSync(join(dirname(file), href.split('#')[0]!)))
          .map((href) => `${file.slice(tree.length + 1)}: ${href}`),
      );
    expect(dead).toEqual([]);
  });

  it('name the repository that releases them, and templates lie where GitHub looks for them', () => {
    const template = readFileSync(join(tree, 'workflow-templates', 'cd.yml'), 'utf8');
    expect(template).toContain('uses: acme/devops-actions/.github/workflows/cd.yml@v1');
    expect(existsSync(join(tree, 'workflow-templates', 'cd.properties.json'))).toBe(true);
    const placeholders = files.filter(
      (file) => /\.(md|yml)$/.test(file) && readFileSync(file, 'utf8').includes('org/devops-actions'),
    );
    expect(placeholders.map((file) => file.slice(tree.length + 1))).toEqual([]);
  });

  it('hold no workflow that starts by itself', () => {
    const workflows = files.filter((file) => file.startsWith(join(tree, '.github', 'workflows')));
    expect(workflows.length).toBeGreaterThan(3);
    for (const file of workflows) expect(readFileSync(file, 'utf8')).toContain('workflow_call:');
  });
});

describe('a link', () => {
  const page = { from: 'actions/gate-check/README.md', to: 'gate-check/README.md' };
  const link = (href: string, at = page) => publishedLink(href, at, source, ['.github/workflows/cd.yml']);
  it.each([
    ['../../docs/release-policy.md#metric', '../docs/release-policy.md#metric'],
    ['../notify/README.md', '../notify/README.md'],
    ['../../.github/workflows/cd.yml', '../.github/workflows/cd.yml'],
    ['../../workflows-templates/cd.yml', '../workflow-templates/cd.yml'],
    ['#inputs', '#inputs'],
    ['https://cel.dev', 'https://cel.dev'],
    ['inputs.ts', `https://github.com/acme/devops-actions/blob/${source.sha}/actions/gate-check/inputs.ts`],
    ['../../CONTRIBUTING.md', `https://github.com/acme/devops-actions/blob/${source.sha}/CONTRIBUTING.md`],
  ])('to %s leads to %s', (href, expected) => {
    expect(link(href)).toBe(expected);
  });
});
