import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { dispatch } from '../../../cli/dispatch.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { collectionInfo, testScript } from './support.js';
import { inFolder, testShell } from '../terminal.js';

let server: TestServer;
let asked: string[];
beforeAll(async () => {
  server = await serve((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end('{"id":7}');
  });
});
afterAll(() => server.close());
beforeEach(() => void (asked = []));

interface Suite {
  flows: { steps: { name: string; todo?: string[] }[] }[];
}

/** Imports what can be said, runs it, and gives both with what was told. */
const importPartly = (format: string, original: string) =>
  inFolder({ original }, async (folder) => {
    const refusing = testShell(folder);
    const refused = await dispatch(['import', format, 'original', '--output', 'smoke.yml'], refusing);
    expect([refused, refusing.errors.join()]).toEqual([2, expect.stringContaining('Nothing was written')]);
    const shell = testShell(folder);
    const code = await dispatch(['import', format, 'original', '--output', 'smoke.yml', '--partial'], shell);
    if (code !== 0) return { code, told: shell.errors.join('\n') };
    const text = await readFile(join(folder, 'smoke.yml'), 'utf8');
    const running = testShell(folder);
    const ran = await dispatch(['smoke', 'smoke.yml'], running);
    return {
      code,
      told: shell.errors.join('\n'),
      text,
      suite: parse(text) as Suite,
      ran,
      out: running.written.join('\n'),
    };
  });

describe('import --partial', () => {
  test('a Hurl file: what is missing stands in its step, which sends nothing and fails', async () => {
    const hurl = [
      `GET ${server.url}/first`,
      'HTTP 200',
      `DELETE ${server.url}/second`,
      '[Options]',
      'netrc: true',
      'HTTP 200',
      '[Asserts]',
      'certificate "Subject" contains "Example"',
      `GET ${server.url}/third`,
      'HTTP 200',
    ].join('\n');
    const { suite, ran, out, told } = await importPartly('hurl', hurl);
    const [first, second, third] = suite!.flows[0]!.steps;
    expect([first!.todo, third!.todo]).toEqual([undefined, undefined]);
    expect(second!.todo!.map((text) => text.split(':').slice(0, 2).join(':'))).toEqual(
      expect.arrayContaining(['original:5', 'original:8']),
    );
    expect(told).toMatch(/2 thing\(s\) of the original are not imported/);
    expect(ran).toBe(1);
    expect(out).toContain('expected  a step that is complete');
    expect(asked).toEqual(['GET /first']);
  });

  test('a Postman collection: also what belongs to no request', async () => {
    const collection = {
      info: collectionInfo,
      event: [{ listen: 'prerequest', script: { exec: ['pm.sendRequest("http://x");'] } }],
      item: [
        {
          name: 'One',
          request: `${server.url}/one`,
          event: testScript('for (;;) {}', '// {{x}}', 'pm.test("{{a}}", f);'),
        },
        { name: 'Two', request: `${server.url}/two` },
      ],
    };
    const { suite, ran } = await importPartly('postman', JSON.stringify(collection));
    const [one, two] = suite!.flows[0]!.steps;
    expect(one!.todo!.join('\n')).toMatch(/sendRequest/);
    expect(one!.todo!.join('\n')).toMatch(/for \(;;\)/);
    expect([two!.todo, ran, asked]).toEqual([undefined, 1, []]);
  });

  test('a file that cannot be read at all is refused all the same', async () => {
    expect(await importPartly('hurl', 'GET http://localhost/\nHTTP 200\n[Asserts\n')).toMatchObject({
      code: 2,
    });
  });
});
