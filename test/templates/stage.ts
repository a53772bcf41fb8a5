import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { JobReport, PlayedScript, RunReport } from '../../rehearsal/runner/run-workflow.js';
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
  /** What stands for the actions, for a run of a workflow that is in the repository already. */
  played: Readonly<Record<string, PlayedScript>>;
  /** Runs the template on a branch; each key of `with` stands in the jobs of the caller. */
  run(options?: Options): Promise<RunReport>;
  /** What the actions of the suite were given so far. */
  given(action: string): Record<string, string>[];
  /** Lets an action fail in a mode or environment that its inputs name. */
  fail(action: string, input: string): void;
  /** Lets an action in a mode that its inputs name give this as its output `result`. */
  say(action: string, mode: string, result: string): void;
  /** Lets an action in a mode that its inputs name give these outputs, each of one line; every call the next of them. */
  give(action: string, mode: string, ...outputs: Record<string, string>[]): void;
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

interface World {
  root: string;
  minute: number;
  failing: string[];
  results: Record<string, string>;
  outputs: Record<string, Record<string, string>[]>;
  given: Given[];
}

/**
 * Stands for every action of the suite: notes what it was given, gives the outputs that the next one takes, and holds a
 * verdict to its thirty minutes. What the actions do themselves is played by the rehearsal.
 */
const standIn =
  (action: string, world: World): PlayedScript =>
  (environment, onLine) => {
    const { root, minute, failing, results, outputs, given } = world;
    const inputs = Object.fromEntries(
      Object.entries(environment)
        .filter(([name]) => name.startsWith('INPUT_'))
        .map(([name, value]) => [name.slice('INPUT_'.length).toLowerCase(), value]),
    );
    given.push({ action, inputs });
    const call = `${action} ${inputs['mode']}`;
    const file = environment['GITHUB_OUTPUT']!;
    const output = (name: string, value: string | number) => appendFileSync(file, `${name}=${value}\n`);
    output('report', `${action}${inputs['mode'] ? `-${inputs['mode']}` : ''}.json`);
    output('result', results[call] ?? '');
    const [now = {}, ...then] = outputs[call] ?? [];
    for (const [name, value] of Object.entries(now)) output(name, value);
    if (then.length > 0) outputs[call] = then;
    if (action === 'gate-check') output('verdict', minute + 30);
    if (action === 'dora-report') {
      writeFileSync(join(root, 'dora-report.html'), '<title>DORA</title>');
      output('html', join(root, 'dora-report.html'));
    }
    if (inputs['mode'] === 'reserve') {
      output('target', 'green');
      output('target-url', 'http://green.test');
    }
    const refused = (inputs['verdict'] ?? '') !== '' && minute > Number(inputs['verdict']);
    if (refused) onLine('::error::the verdict has expired');
    return refused || Object.values(inputs).some((value) => failing.includes(`${action} ${value}`)) ? 1 : 0;
  };

const published = (path: string) => readFileSync(path, 'utf8');

/** What the team builds and deploys with. */
const executables = {
  'deploy/build': '#!/bin/sh\necho version=1.4.0\necho digest=sha256:d1\n',
  'deploy/deploy': '#!/bin/sh\necho "deployed $*"\n',
};

/** Each action as it is published, with the script in place of its code: the same for every test of a file. */
const standIns = names.map((name) => {
  const folder = name === 'blue-green' ? 'blue-green-switch' : name;
  const metadata = parse(published(`actions/${folder}/action.yml`)) as object;
  return { name, metadata: stringify({ ...metadata, runs: { using: 'node24', main: 'index.cjs' } }) };
});

const inFolder = (folder: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`.github/workflows/${name}`, published(join(folder, name))]));
const workflows = inFolder('.github/workflows', readdirSync('.github/workflows'));
/** What the copies in one file call stands beside them. */
const calledCopies = inFolder(
  'workflows-templates/inline',
  readdirSync('workflows-templates/inline').filter((name) => name.startsWith('called-')),
);

/** A caller in one file, by its text: most tests run the template as it is. */
const inlined = new Map<string, string>();
function inOneFile(caller: string): string {
  const text = inlined.get(caller) ?? inlineWorkflow(caller, published).toString();
  inlined.set(caller, text);
  return text;
}

/** The template with stand-ins for the actions, and a team's own executables. */
export async function templateStage(shape: Shape, template = 'cd'): Promise<TemplateStage> {
  const fixture = await openFixture();
  const world: World = {
    root: fixture.root,
    minute: 0,
    failing: [],
    results: {},
    outputs: {},
    given: [],
  };
  const played = Object.fromEntries(
    standIns.map(({ name, metadata }): [string, PlayedScript] => {
      const folder = fixture.action(name, metadata, { 'index.cjs': '' });
      return [join(folder, 'index.cjs'), standIn(name, world)];
    }),
  );
  fixture.release(workflows);
  fixture.executables(executables);
  fixture.commit(shape === 'one file' ? calledCopies : {});
  return {
    fixture,
    played,
    run: ({ branch = 'main', with: more = {}, change = (text: string) => text, run = {} }: Options = {}) => {
      const caller = parse(published(`workflows-templates/${template}.yml`)) as {
        jobs: Record<string, { with?: object }>;
      };
      for (const job of Object.values(caller.jobs)) if (job.with) Object.assign(job.with, more);
      const text = change(stringify(caller));
      return fixture.run(shape === 'caller' ? text : inOneFile(text), {
        played,
        machineEnvironment: { STAGE: fixture.root },
        ...run,
        event: { ref: `refs/heads/${branch}`, ...run.event },
      });
    },
    given: (action) => world.given.filter((one) => one.action === action).map(({ inputs }) => inputs),
    fail: (action, input) => {
      world.failing.push(`${action} ${input}`);
    },
    say: (action, mode, result) => {
      world.results[`${action} ${mode}`] = result;
    },
    give: (action, mode, ...outputs) => {
      world.outputs[`${action} ${mode}`] = outputs;
    },
    later: (minutes) => {
      world.minute += minutes;
    },
  };
}

/** How a job of cd.yml ended; undefined when there was none. */
export const resultOf = (run: RunReport, job: string): string | undefined => jobOf(run, job)?.result;

/** A step of a job by its name. */
export const stepOf = (run: RunReport, job: string, name: string): JobReport['steps'][number] | undefined =>
  jobOf(run, job)?.steps.find((step) => step.name === name);
