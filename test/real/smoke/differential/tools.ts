import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mutationsOf } from './answers.js';
import type { Assertion } from './assertions.js';

/** An assertion, by its number, on a mutation, by its number: `12 on 3`. */
export type Case = `${number} on ${number}`;

export const casesOf = (
  assertions: readonly Assertion[],
): { case: Case; assertion: number; mutation: number }[] =>
  assertions.flatMap(({ of }, assertion) =>
    mutationsOf(of).map((mutation) => ({
      case: `${assertion} on ${mutation}` as const,
      assertion,
      mutation,
    })),
  );

const binary = (name: string) =>
  execFileSync('bash', [join('scripts', 'install', 'peers', `${name}.sh`), '--path'], {
    encoding: 'utf8',
  }).trim();

/** A program that ends well or with a verdict; its output is in its report. */
async function runFor(argv: readonly [string, ...string[]], report: string): Promise<unknown> {
  const [file, ...args] = argv;
  const options = { timeout: 240_000, maxBuffer: 268_435_456 };
  const failed = await promisify(execFile)(file, args, options).catch((error: unknown) => error);
  if (!existsSync(report)) throw new Error(`${file} wrote no report: ${String(failed).slice(0, 2_000)}`);
  return JSON.parse(readFileSync(report, 'utf8')) as unknown;
}

/** The cases that are green to Hurl, which makes them all in one run. */
export async function greenToHurl(
  assertions: readonly Assertion[],
  url: string,
  folder: string,
): Promise<Set<Case>> {
  const cases = casesOf(assertions);
  const file = join(folder, 'all.hurl');
  const entries = cases.map(
    ({ assertion, mutation }) =>
      `GET ${url}/m/${mutation}\nHTTP *\n[Asserts]\n${assertions[assertion]!.text}\n`,
  );
  writeFileSync(file, entries.join('\n'));
  const args = ['--no-output', '--continue-on-error', '--report-json', join(folder, 'hurl'), file];
  const report = (await runFor([binary('hurl'), ...args], join(folder, 'hurl', 'report.json'))) as {
    entries: { asserts: { success: boolean }[] }[];
  }[];
  const entriesOf = report[0]!.entries;
  if (entriesOf.length !== cases.length)
    throw new Error(`${entriesOf.length} of ${cases.length} entries were run`);
  return new Set(
    cases.flatMap((one, index) =>
      entriesOf[index]!.asserts.every(({ success }) => success) ? [one.case] : [],
    ),
  );
}

/**
 * The cases that are green to newman. A request and a test take it long, so the scripts of an answer are one request,
 * and what did not throw is handed out in the name of one test.
 */
export async function greenToNewman(
  assertions: readonly Assertion[],
  url: string,
  folder: string,
): Promise<Set<Case>> {
  const scripts = new Map<string, string[]>();
  for (const { assertion, mutation, case: name } of casesOf(assertions)) {
    const { text } = assertions[assertion]!;
    // What reads the body first ends the script when it cannot.
    const item = `${mutation} ${text.startsWith('const') ? 'read' : 'as it is'}`;
    const script = `{ ${text.replace("pm.test('t'", `attempt('${name}'`)} }`;
    scripts.set(item, [...(scripts.get(item) ?? []), script]);
  }
  const item = [...scripts].map(([name, lines]) => ({
    name,
    request: { method: 'GET', url: `${url}/m/${Number.parseInt(name)}` },
    event: [{ listen: 'test', script: { exec: [attempts, ...lines, 'pm.test(green.join(), () => {});'] } }],
  }));
  const file = join(folder, 'all.json');
  const report = join(folder, 'newman.json');
  writeFileSync(file, JSON.stringify({ info: collectionInfo, item }));
  const args = ['run', file, '--reporters', 'json', '--reporter-json-export', report];
  const { run } = (await runFor([process.execPath, binary('newman'), ...args], report)) as {
    run: { executions: { assertions?: { assertion: string }[] }[] };
  };
  if (run.executions.length !== item.length)
    throw new Error(`${run.executions.length} of ${item.length} items were run`);
  const names = run.executions.flatMap(({ assertions: made = [] }) => made.map(({ assertion }) => assertion));
  return new Set(names.flatMap((name) => name.split(',')) as Case[]);
}

const attempts =
  'const green = []; const attempt = (name, body) => { try { body(); green.push(name); } catch (error) { void error; } };';

export const collectionInfo = {
  name: 'all',
  schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json',
};
