import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lexer, type Tokens } from 'marked';

let folder: string;
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const index = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['.github/docs/index.mjs', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
};
const page = (matter: string, title: string) => `---\n${matter}\n---\n\n# ${title}\n\nText.\n`;
const home = `${page('id: HOME-1\nowner: mona', 'Pages')}\n<!-- index -->\n<!-- /index -->\n\nThe end.\n`;
/** The table of a page, as a reader sees it. */
const tableOf = (path: string) => {
  const { header, rows } = lexer(read(path)).find((token): token is Tokens.Table => token.type === 'table')!;
  return [header.map(({ text }) => text), ...rows.map((row) => row.map(({ text }) => text))];
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'docs-index-'));
  execFileSync('git', ['init', '-q'], { cwd: folder });
  cpSync('workflows-templates/docs', join(folder, '.github/docs'), { recursive: true });
  // What npm ci brings there.
  symlinkSync(resolve('node_modules'), join(folder, '.github/docs/node_modules'));
  write('.gitignore', 'node_modules\n');
  write('docs/index.md', home);
  write('docs/b.md', page('id: B-1\nowner: hubot\nstatus: active\nrelated: [HOME-1]', 'How to stop it'));
  write('docs/api/a.md', page('id: A-1\nowner: mona', 'Orders'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the index of pages', () => {
  it('is red while it is not that of the pages, and names the command that writes it', () => {
    const before = read('docs/index.md');
    expect(index()).toEqual({
      status: 1,
      said: expect.stringMatching(
        /^::error file=docs\/index\.md::.*node \.github\/docs\/index\.mjs --write$/m,
      ),
    });
    expect(read('docs/index.md')).toBe(before);
  });

  it('has each page of the folder and below with its front matter, and is green then', () => {
    expect(index('--write').status).toBe(0);
    expect(tableOf('docs/index.md')).toEqual([
      ['page', 'id', 'owner', 'status'],
      ['[Orders](api/a.md)', 'A-1', 'mona', ''],
      ['[How to stop it](b.md)', 'B-1', 'hubot', 'active'],
    ]);
    expect(read('docs/index.md')).toMatch(/# Pages[^]*<!-- \/index -->\n\nThe end\.\n$/);
    expect(index()).toEqual({ status: 0, said: '1 index, 0 out of date\n' });
  });

  it('is out of date with a page more, and with another owner, and not with other spaces', () => {
    index('--write');
    write('docs/index.md', read('docs/index.md').replaceAll(' | ', '   |   ').replaceAll('---', '------'));
    write('docs/index.md', read('docs/index.md').replace(/^------$/gm, '---'));
    expect(index().status).toBe(0);
    write('docs/c.md', page('id: C-1\nowner: mona', 'New'));
    expect(index().status).toBe(1);
    index('--write');
    write('docs/c.md', page('id: C-1\nowner: octocat', 'New'));
    expect(index().status).toBe(1);
  });

  it('leaves pages without front matter and without an index alone', () => {
    write('docs/plain.md', '# Plain\n');
    index('--write');
    expect(tableOf('docs/index.md').flat().join()).not.toContain('Plain');
    write('docs/index.md', '# Pages\n');
    expect(index()).toEqual({ status: 0, said: '0 indexes, 0 out of date\n' });
  });

  it('takes nothing of a page for markup of its own', () => {
    write('docs/b.md', page('id: B-1\nowner: "a | b\\n<img>"', '[x](javascript:1) | $& `y`'));
    write('docs/a (b).md', page('id: D-1\nowner: mona', 'Two'));
    index('--write');
    const table = tableOf('docs/index.md');
    expect(table.every((row) => row.length === 3)).toBe(true);
    expect(read('docs/index.md')).toContain('(a%20%28b%29.md)');
    expect(read('docs/index.md')).not.toMatch(/[^\\]<img>|[^\\]\]\(javascript/);
    expect(index().status).toBe(0);
  });

  it('of other keys has the columns of their schema', () => {
    write(
      '.github/docs/front-matter.schema.json',
      JSON.stringify({ properties: { tipo: { type: 'string' }, relacionado: { type: 'array' } } }),
    );
    write('docs/b.md', page('tipo: proceso\nrelacionado: [x]', 'Guía'));
    index('--write');
    expect(tableOf('docs/index.md')[0]).toEqual(['page', 'tipo']);
  });
});
