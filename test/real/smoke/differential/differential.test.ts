import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { dispatch } from '../../../../cli/dispatch.js';
import { runSuite } from '../../../actions/smoke-test/run-suite.js';
import { testShell } from '../../../cli/terminal.js';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { mutations, mutationsOf } from './answers.js';
import { hurlAssertions, postmanScripts, type Assertion } from './assertions.js';
import { casesOf, collectionInfo, greenToHurl, greenToNewman, type Case } from './tools.js';

/**
 * Assertions of other tools on many answers, judged by the tool and by what `import` makes of them: what is red there is
 * never green here.
 */
let server: TestServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'differential-'));
  server = await serve((request, response) => {
    const {
      status = 200,
      headers = {},
      body,
    } = mutations[Number(request.url?.split('/').at(-1))] ?? { body: {} };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

interface Step {
  http: { url: string };
  todo?: string[];
}

/** The step that each assertion becomes, by its number. */
async function imported(format: 'hurl' | 'postman', original: string): Promise<Map<number, Step>> {
  writeFileSync(join(folder, 'original'), original);
  const shell = testShell(folder);
  const args = ['import', format, 'original', '--partial', '--output', `${format}.yml`];
  const code = await dispatch(args, shell);
  if (code !== 0) throw new Error(shell.errors.join('\n').slice(0, 4_000));
  const { flows } = parse(readFileSync(join(folder, `${format}.yml`), 'utf8')) as {
    flows: { steps: Step[] }[];
  };
  return new Map(
    flows.flatMap(({ steps }) =>
      steps.map((step) => [Number(/\/a(\d+)$/.exec(step.http.url)?.[1]), step] as const),
    ),
  );
}

/** The cases that are green here: a flow for each assertion, a row for each answer. */
async function greenHere(
  assertions: readonly Assertion[],
  steps: ReadonlyMap<number, Step>,
): Promise<Set<Case>> {
  const flows = [...steps]
    .filter(([, { todo }]) => todo === undefined)
    .map(([number, step]) => ({
      name: `${number} on`,
      rows: { inline: mutationsOf(assertions[number]!.of).map((m) => ({ m })) },
      steps: [{ ...step, name: 'look', http: { ...step.http, url: '/m/{{ row.m }}' } }],
    }));
  const suite = stringify({ version: 1, flows });
  const { report, runner } = await runSuite(suite, {
    'base-url': server.url,
    concurrency: '16',
    timeout: '5m',
  });
  if (!report) throw new Error(runner.failure);
  const all = report.flows.map(({ name, result }) => ({
    name: name.replace(/\[\d+: (\d+)\]$/, '$1') as Case,
    result,
  }));
  expect(all).toHaveLength(flows.reduce((sum, { rows }) => sum + rows.inline.length, 0));
  return new Set(all.flatMap(({ name, result }) => (result === 'passed' ? [name] : [])));
}

/** What is green here and red there, in words. */
function falseGreens(assertions: readonly Assertion[], here: Set<Case>, there: Set<Case>): string[] {
  return casesOf(assertions)
    .filter((one) => here.has(one.case) && !there.has(one.case))
    .map(({ assertion, mutation }) => `${assertions[assertion]!.text} on ${mutations[mutation]!.name}`);
}

/** A differential test of nothing would pass: how many assertions are imported, and how many of them can be green. */
function reach(assertions: readonly Assertion[], steps: ReadonlyMap<number, Step>, here: Set<Case>) {
  const imported = [...steps].filter(([, { todo }]) => todo === undefined).map(([number]) => number);
  const green = new Set([...here].map((one) => Number.parseInt(one)));
  return { imported: imported.length / assertions.length, green: green.size / imported.length };
}

/** JSON has one kind of number, so that 7.0 is an integer to it, and a float to Hurl: docs/laptop.md says so. */
const known = 'jsonpath "$.id" isInteger on id 7.0';

test('what is red to Hurl is never green here', async () => {
  const entries = hurlAssertions.map(
    ({ text }, index) => `GET ${server.url}/a${index}\nHTTP *\n[Asserts]\n${text}\n`,
  );
  const [there, steps] = await Promise.all([
    greenToHurl(hurlAssertions, server.url, folder),
    imported('hurl', entries.join('\n')),
  ]);
  const here = await greenHere(hurlAssertions, steps);
  expect(falseGreens(hurlAssertions, here, there)).toEqual([known]);
  const { imported: all, green } = reach(hurlAssertions, steps, here);
  expect(all).toBeGreaterThan(0.85);
  expect(green).toBeGreaterThan(0.6);
}, 300_000);

test('what is red to newman is never green here', async () => {
  const item = postmanScripts.map(({ text }, index) => ({
    name: `a${index}`,
    request: { method: 'GET', url: `${server.url}/a${index}` },
    event: [{ listen: 'test', script: { exec: text.split('\n') } }],
  }));
  const [there, steps] = await Promise.all([
    greenToNewman(postmanScripts, server.url, folder),
    imported('postman', JSON.stringify({ info: collectionInfo, item })),
  ]);
  const here = await greenHere(postmanScripts, steps);
  expect(falseGreens(postmanScripts, here, there)).toEqual([]);
  const { imported: all, green } = reach(postmanScripts, steps, here);
  expect(all).toBeGreaterThan(0.75);
  expect(green).toBeGreaterThan(0.6);
}, 300_000);
