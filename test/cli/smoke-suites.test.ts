import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { serve, type TestServer } from '../support/servers/http.js';
import { inFolder, testShell } from './terminal.js';

let server: TestServer;
beforeAll(async () => {
  server = await serve((request, response) => response.writeHead(request.url === '/bad' ? 500 : 200).end());
});
afterAll(() => server.close());

const suite = (url: string) =>
  `version: 1\nflows: [{ name: a, steps: [{ name: b, http: { url: ${url} }, expect: { status: 200 } }] }]\n`;

/** Runs the command in a folder with suites that pass, fail and are wrong. */
const smoke = (...args: string[]) =>
  inFolder({}, async (folder) => {
    await mkdir(join(folder, 'smoke', 'deep'), { recursive: true });
    await mkdir(join(folder, 'node_modules'));
    const files = {
      'smoke/a.yml': '/ok',
      'smoke/b.yml': '/bad',
      'smoke/deep/c.yml': '/ok',
      'node_modules/d.yml': '/ok',
    };
    for (const [name, url] of Object.entries(files)) await writeFile(join(folder, name), suite(url));
    await writeFile(join(folder, 'wrong.yml'), 'version: 1\nflwos: []\n');
    const shell = testShell(folder);
    const code = await dispatch(['smoke', '--base-url', server.url, ...args], shell);
    const reports = await readdir(join(folder, 'out')).catch(() => []);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n'), reports };
  });

test('several suites run one after the other, and the worst decides', async () => {
  const { code, out, reports } = await smoke('smoke/b.yml', 'smoke/a.yml', '--reports', 'out');
  expect(code).toBe(1);
  expect(out).toMatch(
    /^\nsmoke\/b\.yml\n[^]*FAIL[^]*\nsmoke\/a\.yml\n[^]*PASS[^]*2 suites: not all passed\.$/,
  );
  expect(reports).toEqual(['1-smoke-b.yml', '2-smoke-a.yml']);
});

test('one that is wrong does not keep the others from running', async () => {
  const { code, out, err } = await smoke('wrong.yml', 'smoke/a.yml');
  expect([code, err]).toEqual([2, expect.stringContaining('wrong.yml:2')]);
  expect(out).toMatch(/smoke\/a\.yml\n[^]*PASS[^]*not all could be run/);
});

test('a pattern is the files that match it, each once and none of other packages', async () => {
  const flat = await smoke('smoke/*.yml', 'smoke/a.yml');
  expect(flat.out.match(/^smoke\/.*$/gm)).toEqual(['smoke/a.yml', 'smoke/b.yml']);
  const deep = await smoke('./**/*.yml');
  expect(deep.out.match(/^\S+\.yml$/gm)).toEqual([
    'smoke/a.yml',
    'smoke/b.yml',
    'smoke/deep/c.yml',
    'wrong.yml',
  ]);
  expect(await smoke('none/*.yml')).toMatchObject({
    code: 2,
    err: expect.stringContaining('matches no file'),
  });
});

test('--json is for one suite', async () => {
  expect(await smoke('smoke/a.yml', 'smoke/b.yml', '--json')).toMatchObject({ code: 2, out: '' });
});
