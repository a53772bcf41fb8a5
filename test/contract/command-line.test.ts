import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { writeReleaseTree } from '../../scripts/release-tree.js';
import { isoInstant } from '../../shared/time/instant.js';
import { changesOf, judge, known, now, policyOf, request } from '../actions/gate-check/facts.js';
import { serve, type TestServer } from '../support/servers/http.js';

/** The command line as `npx --yes github:OWNER/REPOSITORY#TAG` has it: the release tree, packed and installed. */

let root: string;
let server: TestServer;
let installed: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'command-line-'));
  const tree = join(root, 'tree');
  const empty = join(root, 'empty');
  mkdirSync(empty);
  writeReleaseTree(tree);
  const npm = (cwd: string, ...args: string[]) =>
    execFileSync('npm', [...args, '--offline', '--no-audit', '--no-fund'], { cwd, encoding: 'utf8' });
  const [packed] = JSON.parse(npm(tree, 'pack', '--json', '--pack-destination', root)) as [
    { filename: string },
  ];
  npm(empty, 'install', '--no-save', join(root, packed.filename));
  installed = join(empty, 'node_modules');
  server = await serve((_request, response) => response.end('{"version":"1.4.0"}'));
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

interface Ended {
  code: number;
  out: string;
  err: string;
}

/** Runs the installed command in a new folder with these files. */
function run(files: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  const folder = mkdtempSync(join(root, 'work-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  // As in a script of somebody's package, which npm was told to run from elsewhere.
  const env = { PATH: process.env['PATH'], INIT_CWD: root, npm_package_name: 'shop' };
  return new Promise((resolve) =>
    execFile(join(installed, '.bin', 'devops-actions'), args, { cwd: folder, env }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, out, err }),
    ),
  );
}

const suite = (version: string) => `version: 1
flows:
  - name: live
    steps:
      - name: version
        http: { url: /version }
        expect: { json: [{ path: $.version, equals: '${version}' }] }
`;

describe('the command line of the release tree, installed without a network', () => {
  it('brings no package with it and runs nothing when it is installed', () => {
    expect(readdirSync(installed).filter((name) => !name.startsWith('.'))).toEqual(['devops-actions']);
    const manifest = JSON.parse(
      readFileSync(join(installed, 'devops-actions', 'package.json'), 'utf8'),
    ) as object;
    expect(Object.keys(manifest)).not.toContain('scripts');
    expect(Object.keys(manifest)).not.toContain('dependencies');
    expect(statSync(join(installed, 'devops-actions', 'dist', 'cli', 'index.js')).mode & 0o111).not.toBe(0);
  });

  it('names its commands, and what a misspelt one was meant to be', async () => {
    expect((await run({}, '--help')).out).toMatch(/^usage: devops-actions COMMAND[^]* smoke [^]* import /);
    expect(await run({}, 'smok')).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "smoke"?'),
    });
  });

  it('smoke: a release that answers well, and one that does not', async () => {
    const asked = ['smoke', 'smoke.yml', '--base-url', server.url];
    const well = await run({ 'smoke.yml': suite('1.4.0') }, ...asked);
    expect([well.code, well.err, well.out]).toEqual([0, '', expect.stringMatching(/PASS {2}1 passed/)]);
    const ill = await run({ 'smoke.yml': suite('1.5.0') }, ...asked);
    expect([ill.code, ill.out]).toEqual([1, expect.stringMatching(/got\s+"1\.4\.0"[^]*FAIL/)]);
  });

  it('gate: a recorded decision again', async () => {
    const gates = 'incidents: { block-at: high }';
    const evidence = { incidents: known([]), changes: known(changesOf()) };
    const report = {
      schema: 'devops-actions/gate-report@1',
      request,
      now: isoInstant(now),
      policy: policyOf(gates),
      evidence,
      ...judge(gates, evidence, now, request),
    };
    const { code, out, err } = await run(
      { 'report.json': JSON.stringify(report) },
      ...['gate', '--replay', 'report.json'],
    );
    expect([code, err, out]).toEqual([0, '', expect.stringMatching(/^PASS/)]);
  });

  it('check: what is right and what is wrong in a repository', async () => {
    expect(await run({ '.github/smoke.yml': suite('1') }, 'check')).toMatchObject({ code: 0, err: '' });
    const { code, out } = await run({ '.github/smoke.yml': suite('1').replace('expect', 'exepct') }, 'check');
    expect([code, out]).toEqual([1, expect.stringContaining('.github/smoke.yml:7')]);
  });

  it('import: a Hurl file, and a script of a Postman collection', async () => {
    const hurl = await run(
      { 'a.hurl': 'GET http://localhost/x\nHTTP 200\n[Asserts]\njsonpath "$.a" == 1\n' },
      ...['import', 'hurl', 'a.hurl'],
    );
    expect([hurl.code, hurl.out]).toEqual([0, expect.stringContaining('path: $.a')]);
    const collection = {
      info: { schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json', name: 'C' },
      item: [
        {
          name: 'One',
          request: { url: 'http://localhost/x' },
          event: [
            {
              listen: 'test',
              script: { exec: ['pm.test("a", () => pm.expect(pm.response.json().a).to.eql(1));'] },
            },
          ],
        },
      ],
    };
    const postman = await run({ 'c.json': JSON.stringify(collection) }, 'import', 'postman', 'c.json');
    expect([postman.code, postman.out]).toEqual([0, expect.stringContaining('path: $.a')]);
  });
});
