import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { JobReport, RunReport } from '../../rehearsal/runner/run-workflow.js';
import { jobOf } from '../../rehearsal/story/jobs.js';
import { inlineWorkflow } from '../../scripts/inline/inline-workflow.js';
import { openFixture, type Fixture } from '../rehearsal/runner/fixture.js';

/** The two shapes of a template: the caller as it is published, and the same in one file. */
export const shapes = ['caller', 'one file'] as const;
export type Shape = (typeof shapes)[number];

/** What an action was given, in the order of the calls. */
export interface Given {
  action: string;
  inputs: Record<string, string>;
}

export interface TemplateStage {
  fixture: Fixture;
  /** Runs the template on a branch; each key of `with` stands in the jobs of the caller. */
  run(options?: Options): Promise<RunReport>;
  /** What the actions of the suite were given so far. */
  given(action: string): Record<string, string>[];
  /** Lets an action fail in a mode or environment that its inputs name. */
  fail(action: string, input: string): void;
  /** Lets an action in a mode that its inputs name give this as its output `result`. */
  say(action: string, mode: string, result: string): void;
  /** Lets an action in a mode that its inputs name give these outputs, each of one line. */
  give(action: string, mode: string, outputs: Record<string, string>): void;
  /** Lets the time of the actions go on, in minutes. */
  later(minutes: number): void;
}

interface Options {
  branch?: string;
  with?: Record<string, string>;
  change?: (caller: string) => string;
  run?: Parameters<Fixture['run']>[1];
}

const names = [
  'gate-check',
  'blue-green',
  'smoke-test',
  'auto-rollback',
  'dora-report',
  'notify',
  'migration-check',
  'doctor',
  'fleet-update',
  'plan-report',
  'scan-report',
  'go-live',
  'hotfix-check',
  'incident',
  'release-candidate',
];

/**
 * Stands for every action of the suite: notes what it was given, gives the outputs that the next one takes, and holds a
 * verdict to its thirty minutes. What the actions do themselves is played by the rehearsal.
 */
const script = `
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { basename } = require('node:path');
const action = basename(__dirname);
const inputs = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('INPUT_'))
  .map(([name, value]) => [name.slice(6).toLowerCase(), value]));
const root = process.env.STAGE;
const { minute, failing, results, outputs } = JSON.parse(readFileSync(root + '/world.json', 'utf8'));
appendFileSync(root + '/given.jsonl', JSON.stringify({ action, inputs }) + '\\n');
const output = (name, value) => appendFileSync(process.env.GITHUB_OUTPUT, name + '=' + value + '\\n');
output('report', action + (inputs.mode ? '-' + inputs.mode : '') + '.json');
output('result', results[action + ' ' + inputs.mode] || '');
for (const [name, value] of Object.entries(outputs[action + ' ' + inputs.mode] || {})) output(name, value);
if (action === 'gate-check') output('verdict', minute + 30);
if (action === 'dora-report') {
  writeFileSync(root + '/dora-report.html', '<title>DORA</title>');
  output('html', root + '/dora-report.html');
}
if (inputs.mode === 'reserve') { output('target', 'green'); output('target-url', 'http://green.test'); }
const refused = inputs.verdict !== undefined && inputs.verdict !== '' && minute > Number(inputs.verdict);
if (refused) console.log('::error::the verdict has expired');
if (refused || Object.values(inputs).some((value) => failing.includes(action + ' ' + value))) process.exit(1);
`;

const published = (path: string) => readFileSync(path, 'utf8');

/** The template with stand-ins for the actions, and a team's own executables. */
export async function templateStage(shape: Shape, template = 'cd'): Promise<TemplateStage> {
  const fixture = await openFixture();
  const world = {
    minute: 0,
    failing: [] as string[],
    results: {} as Record<string, string>,
    outputs: {} as Record<string, Record<string, string>>,
  };
  const save = () => writeFileSync(join(fixture.root, 'world.json'), JSON.stringify(world));
  save();
  for (const name of names) {
    const folder = name === 'blue-green' ? 'blue-green-switch' : name;
    const metadata = parse(published(`actions/${folder}/action.yml`)) as object;
    const runs = { using: 'node24', main: 'index.cjs' };
    fixture.action(name, stringify({ ...metadata, runs }), { 'index.cjs': script });
  }
  const workflows = readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`);
  fixture.release(Object.fromEntries(workflows.map((path) => [path, published(path)])));
  fixture.commit({
    'deploy/build': '#!/bin/sh\necho version=1.4.0\necho digest=sha256:d1\n',
    'deploy/deploy': '#!/bin/sh\necho "deployed $*"\n',
  });
  // What the copy in one file calls stands beside it.
  const called = readdirSync('workflows-templates/inline').filter((name) => name.startsWith('called-'));
  if (shape === 'one file')
    fixture.commit(
      Object.fromEntries(
        called.map((name) => [`.github/workflows/${name}`, published(`workflows-templates/inline/${name}`)]),
      ),
    );
  fixture.git('update-index', '--chmod=+x', 'deploy/build', 'deploy/deploy');
  fixture.git('commit', '-q', '-m', 'Executables');
  fixture.git('checkout', '-q', '--', '.');
  return {
    fixture,
    run: ({ branch = 'main', with: more = {}, change = (text: string) => text, run = {} }: Options = {}) => {
      const caller = parse(published(`workflows-templates/${template}.yml`)) as {
        jobs: Record<string, { with?: object }>;
      };
      for (const job of Object.values(caller.jobs)) if (job.with) Object.assign(job.with, more);
      const text = change(stringify(caller));
      return fixture.run(shape === 'caller' ? text : inlineWorkflow(text, published).toString(), {
        machineEnvironment: { STAGE: fixture.root },
        ...run,
        event: { ref: `refs/heads/${branch}`, ...run.event },
      });
    },
    given: (action) => {
      const file = join(fixture.root, 'given.jsonl');
      const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
      return lines
        .map((line) => JSON.parse(line) as Given)
        .filter((one) => one.action === action)
        .map(({ inputs }) => inputs);
    },
    fail: (action, input) => {
      world.failing.push(`${action} ${input}`);
      save();
    },
    say: (action, mode, result) => {
      world.results[`${action} ${mode}`] = result;
      save();
    },
    give: (action, mode, outputs) => {
      world.outputs[`${action} ${mode}`] = outputs;
      save();
    },
    later: (minutes) => {
      world.minute += minutes;
      save();
    },
  };
}

/** How a job of cd.yml ended; undefined when there was none. */
export const resultOf = (run: RunReport, job: string): string | undefined => jobOf(run, job)?.result;

/** A step of a job by its name. */
export const stepOf = (run: RunReport, job: string, name: string): JobReport['steps'][number] | undefined =>
  jobOf(run, job)?.steps.find((step) => step.name === name);
