import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from '@jest/globals';
import { lexer, type Token, type Tokens } from 'marked';

const file = 'docs/your-documents.md';
const tables = lexer(readFileSync(file, 'utf8')).filter(
  (token): token is Tokens.Table => token.type === 'table',
);
const rows = tables.flatMap(({ rows: all }) => all);

/** Addresses of every link in a text. */
const linksIn = (tokens: readonly Token[]): string[] =>
  tokens.flatMap((token) => [
    ...(token.type === 'link' ? [(token as Tokens.Link).href] : []),
    ...('tokens' in token && token.tokens ? linksIn(token.tokens) : []),
  ]);

/** The anchors of a page, as GitHub names them. */
const anchorsOf = (path: string) =>
  lexer(readFileSync(path, 'utf8')).flatMap((token) =>
    token.type === 'heading'
      ? [
          (token as Tokens.Heading).text
            .toLowerCase()
            .replaceAll(/[^a-z0-9 _-]/g, '')
            .replaceAll(' ', '-'),
        ]
      : [],
  );

it('has the five documents, each with what it asks for', () => {
  expect(tables).toHaveLength(5);
  for (const { rows: all } of tables) expect(all.length).toBeGreaterThan(5);
});

it.each(rows.map(([asked, where]) => [asked!.text, where!] as const))(
  '"%s" is where the page says',
  (_, where) => {
    const links = linksIn(where.tokens);
    expect(links).not.toEqual([]);
    for (const link of links) {
      const [path = '', anchor] = link.split('#');
      const target = join(dirname(file), path);
      expect([target, existsSync(target) && statSync(target).isFile()]).toEqual([target, true]);
      if (anchor !== undefined)
        expect([target, anchorsOf(target)]).toEqual([target, expect.arrayContaining([anchor])]);
    }
  },
);
