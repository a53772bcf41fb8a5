import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const links = (page: string) =>
  [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) =>
    join(dirname(page), path!),
  );
const names = (folder: string, ending: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));

test('the README leads to every action, every template and every page, and nowhere else', () => {
  const linked = links('README.md');
  expect(linked.filter((path) => !existsSync(path))).toEqual([]);

  const actions = readdirSync('actions').filter((name) => existsSync(join('actions', name, 'action.yml')));
  const pages = names('docs', '.md').map((name) => `docs/${name}.md`);
  // Its page is about the command too, so it stands with the other pages.
  const pageOf = (name: string) =>
    name === 'workflow-lint' ? 'docs/workflow-linting.md' : `docs/templates/${name}.md`;
  expect(linked).toEqual(
    expect.arrayContaining([
      ...actions.map((name) => `actions/${name}/README.md`),
      ...names('workflows-templates', '.yml').map(pageOf),
      ...pages,
    ]),
  );
});
