import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inRepository } from '../cli/init/support.js';
import { examples, initCommand, known, pageOf } from '../support/example.js';

test('every example is in the table of those that are tested, and README and docs/init.md name it', () => {
  const there = readdirSync('examples').map((name) => join('examples', name));
  expect(there.sort()).toEqual(Object.keys(examples).sort());
  for (const page of ['README.md', join('docs', 'init.md')])
    for (const example of there) expect(readFileSync(page, 'utf8')).toContain(`${example}/README.md`);
});

describe.each(Object.entries(examples))('%s', (example, routers) => {
  const page = pageOf(example);

  test('links to what there is, headings too', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [link, path = '', anchor] of links) {
      const target = join(example, path);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor === undefined) continue;
      const headings = [...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text]) =>
        text!
          .toLowerCase()
          .replace(/[^a-z0-9 -]/g, '')
          .replaceAll(' ', '-'),
      );
      expect(headings).toContain(anchor);
    }
  });

  test('names only files that it has, or that init writes', () =>
    inRepository(async (team) => {
      await cp(example, team.root, { recursive: true });
      await team.cli([...initCommand(page), ...known, '--yes']);
      const names = [...page.matchAll(/(?:^|[\s`(])((?:\.github|deploy|cluster|machine|aws)\/[\w./-]*\w)/gm)];
      for (const [, name] of names) expect([name, existsSync(join(team.root, name!))]).toEqual([name, true]);
    }));

  test.each(routers)(
    'behind %s: init changes none of its files, a second run writes nothing, check finds nothing wrong',
    (router) =>
      inRepository(async (team) => {
        await cp(example, team.root, { recursive: true });
        const own = await team.files();
        const before = await Promise.all(own.map(team.read));
        const { code, err } = await team.cli([...initCommand(page, router), ...known, '--yes']);
        expect([code, err]).toEqual([0, '']);
        expect(await Promise.all(own.map(team.read))).toEqual(before);
        const again = await team.cli(['init', '--yes']);
        expect([again.code, again.out]).toEqual([0, expect.stringContaining('Nothing to write: all')]);
        expect(await team.cli(['check'])).toMatchObject({ code: 0 });
      }),
  );
});

test('the applications differ in where they listen and what tells them their version, and in nothing else', () => {
  const pages = Object.keys(examples).map((example) => {
    const server = readFileSync(join(example, 'server.js'), 'utf8');
    return server
      .slice(server.indexOf('const answered'), server.indexOf('createServer(('))
      .replace(/const server = $/, '');
  });
  expect(new Set(pages).size).toBe(1);
});
