import { cpSync, readFileSync, realpathSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { renderWorkflow } from '../../cli/init/workflow.js';
import { readTemplates } from '../../cli/init/source.js';
import { readAnswers } from '../../cli/init/answers.js';
import { trafficSchema } from '../../shared/traffic/config/schema.js';
import { dispatch } from '../../cli/dispatch.js';
import { testShell } from '../cli/terminal.js';
import { asArguments, options } from '../cli/init/support.js';

const read = (path: string) => readFileSync(path, 'utf8');
const readme = read('README.md');
const quickStart = /^## Quick start\n([^]*?)^## /m.exec(readme)![1]!.trim();

/** Every command line of this suite that a page shows, in blocks and in sentences, as its arguments. */
function commandsOf(page: string): string[][] {
  const joined = page.replace(/\\\n\s*/g, '');
  const found = joined.matchAll(
    /(?:npm run (?:-s |--silent )?cli --|npx --yes github:org\/devops-actions#v1) ([^`\n]+)/g,
  );
  return [...found].map(([, text]) => text!.trim().split(/\s+/));
}

let root = '';
beforeEach(async () => {
  root = realpathSync(await mkdtemp(join(tmpdir(), 'quick-start-')));
});
afterEach(() => rm(root, { recursive: true }));

/** Runs what a page shows, with the folder of the test for the reader's. */
async function run(args: readonly string[], ask?: (question: string) => Promise<string | undefined>) {
  const shell = testShell(root, ask ? { ask } : {});
  const code = await dispatch(
    args.map((word) => (word === '../shop' ? root : word)),
    shell,
  );
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

describe('the quick start', () => {
  test('has at most 25 lines', () => {
    expect(quickStart.split('\n').length).toBeLessThanOrEqual(25);
  });

  test('shows commands that work one after the other, with answers typed at a terminal', async () => {
    const commands = commandsOf(quickStart);
    expect(commands.map(([name]) => name)).toEqual(['init', 'check']);
    const answers: readonly [RegExp, string][] = [
      [/^Your repository/, 'acme/shop'],
      [/^Repository of the suite/, options['suite']!],
      [/^Commit/, options['ref']!],
      [/^Version/, 'v1.4.0'],
      [/^Service/, 'shop'],
      [/^Where/, 'kubernetes'],
      [/^What decides/, 'kubernetes-service'],
      [/^Who owns/, '@acme/release'],
      [/^Write these/, 'y'],
    ];
    const ask = (question: string) =>
      Promise.resolve(answers.find(([start]) => start.test(question.trim()))?.[1] ?? '');
    expect(await run(commands[0]!, ask)).toMatchObject({ code: 0, err: '' });
    expect(await run(commands[1]!)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nothing is wrong'),
    });
  });

  test('shows an answer of an application from which the files that init writes read version and digest', async () => {
    const [, answer] = /→ `(\{.*?\})`/.exec(quickStart)!;
    const fields = Object.keys(JSON.parse(answer!.replace('…', '0')) as object);
    await run(['init', ...asArguments({}), '--yes']);
    const traffic = trafficSchema.parse(
      parse(await readFile(join(root, '.github/traffic/production.yml'), 'utf8')),
    );
    expect([traffic.identity.version.json, traffic.identity.digest?.json]).toEqual(
      fields.map((name) => `$.${name}`),
    );
  });

  test('shows a series that the criteria that init writes select', async () => {
    const [, metric, labels] = /`(http_requests_total)\{(.*?)\}`/.exec(quickStart)!;
    await run(['init', ...asArguments({}), '--yes']);
    const { environments } = parse(await readFile(join(root, '.github/rollback.yml'), 'utf8')) as {
      environments: {
        production: {
          sources: {
            app: { path: string; requests: { metric: string; match: object; errors: { label: string } } };
          };
        };
      };
    };
    const { path, requests } = environments.production.sources.app;
    expect(quickStart).toContain(`on \`${path}\``);
    expect([requests.metric, ...Object.keys(requests.match), requests.errors.label]).toEqual([
      metric,
      ...labels!.split(',').map((label) => label.split('=')[0]),
    ]);
  });
});

describe('every command of a page is one that there is, with options that there are', () => {
  const pages = ['docs/init.md', 'docs/doctor.md'];
  const shown = pages.flatMap((page) =>
    commandsOf(read(page)).map((args): [string, string[]] => [page, args]),
  );

  test.each(shown)('%s: %j', async (_page, args) => {
    const isFirst = args[0] === 'init' && !args.includes('--check');
    if (!isFirst) await run(['init', ...asArguments({}), '--yes']);
    const known = args.map((word) => (word === '"$ENVIRONMENT"' ? 'production' : word));
    // What asks GitHub is played by tests of its own.
    const more = known[0] === 'doctor' || known.includes('--check') ? ['--offline'] : [];
    const given = isFirst && !args.includes('--suite') ? asArguments({}) : [];
    const { code, err } = await run([...known, ...given, ...more]);
    expect({ code, err: err.split('\n')[0] }).toEqual(
      isFirst && !args.includes('--yes') && !args.includes('--dry-run')
        ? { code: 2, err: 'Nothing was written: say --yes to write this.' }
        : { code: known[0] === 'doctor' ? 1 : 0, err: '' },
    );
  });
});

test('a published tree calls the suite by its own name, and init pins that too', async () => {
  cpSync('workflows-templates', join(root, 'workflow-templates'), { recursive: true });
  const cd = join(root, 'workflow-templates', 'cd.yml');
  await writeFile(cd, read(cd).replaceAll('org/devops-actions', 'acme/gates'));
  const templates = readTemplates(root);
  expect(templates.suite).toBe('acme/gates');
  const given: Readonly<Record<string, string>> = { ...options, suite: 'acme/gates' };
  const answers = readAnswers((option) => (given[option] ? [given[option]] : []), ['standard']);
  if (!answers.ok) throw new Error(answers.problems.join('\n'));
  const text = renderWorkflow(answers.answers, 'shop', 'cd', templates);
  expect(text).toContain(`uses: acme/gates/.github/workflows/cd.yml@${options['ref']} # v1.4.0`);
});
