/**
 * The users' own workflows had twenty defects that a team copying them would keep. Each has its test here: ours does not.
 * Templates are read as data.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { classicOf } from '../../../actions/dora-report/formats/classic.js';
import { readCoverage } from '../../../actions/test-report/read/coverage.js';

interface Step {
  id?: string;
  name?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
}
interface Job {
  needs?: string | string[];
  if?: string;
  uses?: string;
  env?: Record<string, unknown>;
  steps?: Step[];
  services?: Record<string, { image: string; ports?: unknown[] }>;
  strategy?: unknown;
}
interface Workflow {
  file: string;
  on: Record<string, unknown>;
  env?: Record<string, unknown>;
  jobs: Record<string, Job>;
}

const read = (file: string): Workflow => ({ ...(parse(readFileSync(file, 'utf8')) as Workflow), file });
const folder = 'workflows-templates';
const templates = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => read(join(folder, name)));
const called = readdirSync('.github/workflows')
  .map((name) => read(join('.github/workflows', name)))
  .filter(({ on }) => 'workflow_call' in on);
const all = [...templates, ...called];

const template = (name: string) => templates.find(({ file }) => file === join(folder, `${name}.yml`))!;
const stepsOf = (workflow: Workflow) =>
  Object.entries(workflow.jobs).flatMap(([job, { steps = [] }]) => steps.map((step) => ({ ...step, job })));
const scripts = all.flatMap((workflow) =>
  stepsOf(workflow).flatMap(({ run, job }) =>
    run === undefined ? [] : [{ where: `${workflow.file} ${job}`, run }],
  ),
);
const used = all.flatMap((workflow) =>
  stepsOf(workflow).flatMap(({ uses }) => (uses === undefined ? [] : [uses])),
);
/** Every text of a value, however deep. */
const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];
const namesIn = (value: unknown, context: string): string[] =>
  textsIn(value).flatMap((text) =>
    [...text.matchAll(new RegExp(`\\b${context}\\.([A-Za-z_][\\w-]*)`, 'g'))].map(([, name]) => name!),
  );

describe('the sketches, and what ours does not', () => {
  it('① a service without a port is not reachable from a job on the machine', () => {
    const services = all.flatMap(({ jobs }) =>
      Object.values(jobs).flatMap(({ services = {} }) => Object.values(services)),
    );
    expect(services.length).toBeGreaterThan(0);
    for (const { image, ports } of services) {
      expect(ports).toHaveLength(1);
      expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
    }
    const addresses = textsIn(template('ci-python').jobs['test']).filter((text) =>
      /^(postgresql|redis):\/\//.test(text),
    );
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address).toContain('${{ job.services.');
  });

  it('② the bound of coverage is asked for where no coverage was measured', () => {
    const { steps = [] } = template('ci-python').jobs['test']!;
    const judge = steps.find(({ uses }) => uses?.includes('/test-report@'));
    expect(judge?.with).toMatchObject({ coverage: '${{ env.FOLDER }}/coverage.xml' });
    expect(readCoverage('')).toEqual(expect.any(String));
  });

  it('③ check --deploy prints what is wrong and ends with 0', () => {
    const checks = scripts.filter(({ run }) => run.includes('check --deploy'));
    expect(checks.length).toBeGreaterThan(0);
    for (const { run } of checks) expect(run).toContain('--fail-level WARNING');
  });

  it('④ the levels of the pyramid install nothing', () => {
    const { jobs } = template('test-pyramid');
    for (const level of ['unit', 'integration', 'api', 'e2e', 'accessibility']) {
      const names = jobs[level]!.steps!.map(({ name }) => name ?? '');
      const install = names.findIndex((name) => name.startsWith('Install'));
      expect([level, install >= 0 && install < names.indexOf('Test')]).toEqual([level, true]);
    }
  });

  it('⑤ production builds again what staging proved', () => {
    const builds = scripts.filter(({ run }) => run.includes('deploy/build')).map(({ where }) => where);
    expect(builds).toEqual(['.github/workflows/cd.yml build']);
  });

  it('⑥ a machine sleeps for the half hour of a bake', () => {
    expect(scripts.filter(({ run }) => /(^|[;&|\s])sleep\s/.test(run))).toEqual([]);
  });

  const infrastructure = called.find(({ file }) => file.endsWith('/infrastructure.yml'))!;
  /** Commands of the tool that takes the place of Terraform, itself or by the function `tool`, with what is continued on the next line. */
  const commands = (word: string, workflow = infrastructure) =>
    stepsOf(workflow)
      .flatMap(({ run = '' }) => run.replaceAll('\\\n', ' ').split('\n'))
      .filter((line) => /"\$TOOL"|\btool -chdir=/.test(line) && line.split(/\s+/).includes(word));

  it('⑦ terraform apply waits for somebody to type yes', () => {
    const [apply, ...others] = commands('apply');
    expect(others).toEqual([]);
    // A saved plan is applied as it was approved: nothing is asked, and -auto-approve would apply a new one.
    expect(apply).toMatch(/ -input=false .*"\$PLANS\/\$at\.tfplan"/);
    expect(scripts.filter(({ run }) => run.includes('-auto-approve') || run.includes('-lock=false'))).toEqual(
      [],
    );
    for (const word of ['init', 'plan', 'apply'])
      for (const line of commands(word)) expect(line).toContain('-input=false');
  });

  const terraformFiles = execFileSync('git', ['ls-files', '*.tf'], { encoding: 'utf8' }).trim().split('\n');
  const terraform = terraformFiles.map((file) => ({ file, text: readFileSync(file, 'utf8') }));

  it('⑧ a backend names its key by a variable, and validate calls that a success', () => {
    // Only init against the backend itself refuses it; there the key comes from a file of the environment.
    const inits = commands('init').filter((line) => !line.includes('-backend=false'));
    expect(inits.length).toBeGreaterThan(0);
    for (const line of inits) expect(line).toContain('"${backend[@]}"');
    const backends = terraform.flatMap(({ text }) => [...text.matchAll(/backend\s+"\w+"\s*\{[^}]*\}/g)]);
    expect(backends.length).toBeGreaterThan(0);
    expect(backends.filter(([block]) => /var\.|\$\{/.test(block))).toEqual([]);
  });

  it('⑨ a module is named that is declared nowhere', () => {
    expect(commands('validate')).toHaveLength(1);
    const { needs, if: condition } = infrastructure.jobs['plan']!;
    expect(needs).toContain('check');
    expect(condition).toContain("needs.check.result == 'success'");
    const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/'));
    expect(terraform.length).toBeGreaterThan(0);
    for (const { file, text } of terraform) {
      const beside = terraform.filter((other) => folderOf(other.file) === folderOf(file));
      const declared = beside.flatMap((other) =>
        [...other.text.matchAll(/^module\s+"(\w+)"/gm)].map(([, name]) => name!),
      );
      const named = [...text.matchAll(/\bmodule\.(\w+)/g)].map(([, name]) => name!);
      expect([file, named.filter((name) => !declared.includes(name))]).toEqual([file, []]);
    }
  });

  it('⑩ a comment reads a file that nothing writes', () => {
    const reports = Object.entries(infrastructure.jobs).flatMap(([job, { steps = [] }]) =>
      steps.flatMap(({ uses, ...step }, at) => (uses === '$/plan-report' ? [{ job, step, at, steps }] : [])),
    );
    expect(reports.map(({ job }) => job)).toEqual(['plan', 'drift']);
    for (const { step, at, steps } of reports) {
      const make = steps.slice(0, at).find(({ run }) => run?.includes(' show -json '));
      expect(make?.run).toContain('> "$PLANS/$at.json"');
      expect(make?.env?.['PLANS']).toBe(step.with?.['plans']);
    }
    expect(used.filter((uses) => uses.startsWith('actions/github-script'))).toEqual([]);
  });

  it.each(all.map((workflow) => [workflow.file, workflow] as const))(
    '⑪ a condition asks for an event that never starts it: %s',
    (_, { on, jobs }) => {
      const asked = textsIn(jobs).flatMap((text) =>
        [...text.matchAll(/github\.event_name\s*==\s*'(\w+)'/g)].map(([, event]) => event!),
      );
      if ('workflow_call' in on) return; // the caller has the events
      expect(asked.filter((event) => !(event in on))).toEqual([]);
    },
  );

  it.each(all.map((workflow) => [workflow.file, workflow] as const))(
    '⑫ a step or variable is named that does not exist: %s',
    (_, { jobs, env = {} }) => {
      for (const job of Object.values(jobs)) {
        const { steps = [] } = job;
        const ids = steps.flatMap(({ id }) => id ?? []);
        expect(namesIn(job, 'steps').filter((id) => !ids.includes(id))).toEqual([]);
        const known = [env, job.env ?? {}, ...steps.map((step) => step.env ?? {})].flatMap(Object.keys);
        expect(namesIn(job, 'env').filter((name) => !known.includes(name) && name !== 'yml')).toEqual([]);
      }
    },
  );

  it('⑬ npm audit ends with 1, and its report is not kept', () => {
    const { steps = [] } = called.find(({ file }) => file.endsWith('/security-scan.yml'))!.jobs['node']!;
    const scan = steps.find(({ run }) => run?.includes('audit'));
    expect(scan?.run).toContain('> scans/npm-audit.json || code=$?');
    expect(steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'))?.if).toBe('always()');
  });

  it('⑭ safety check is deprecated and asks for an account', () => {
    expect(scripts.filter(({ run }) => /\bsafety (check|scan)\b/.test(run))).toEqual([]);
    // Without --strict, which ends with no report of what it did see: scan-report is as strict, and names the package.
    const audits = scripts.filter(({ run }) => run.includes('pip-audit=='));
    expect(audits).not.toEqual([]);
    expect(audits.filter(({ run }) => !/--no-deps\b[^]*--format json/.test(run))).toEqual([]);
  });

  it('⑮ only one image is scanned, by whatever stands on a branch', () => {
    const scan = template('security-scan').jobs['scan'] as { with?: { images?: string } };
    const images = JSON.parse(scan.with!.images!) as { name: string }[];
    expect(images.map(({ name }) => name)).toEqual(['api', 'frontend']);
    const foreign = used.filter((uses) => !/^(\$|\.)\/|^org\/devops-actions\//.test(uses));
    expect(foreign.filter((uses) => !/@[0-9a-f]{40}$/.test(uses))).toEqual([]);
  });

  it('⑯ text of strangers stands in a script', () => {
    expect(scripts.filter(({ run }) => run.includes('${{'))).toEqual([]);
  });

  it('⑰ an alert sums over all services and names one', () => {
    // Every alert file of ours comes with promtool's tests, which test/real/incident runs.
    const files = existsSync(join(folder, 'monitoring')) ? readdirSync(join(folder, 'monitoring')) : [];
    const alerts = files.filter((name) => /alert/.test(name) && !/test/.test(name));
    expect(
      alerts.filter(
        (name) => !files.some((other) => other.includes('test') && other.includes(name.split('.')[0]!)),
      ),
    ).toEqual([]);
  });

  it('⑱ a month without incidents has the best recovery time', () => {
    const nothing = { value: null, p50: null, perDay: null };
    const report = {
      question: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
      total: {
        frequency: { perDay: null, tier: null },
        leadTime: { ...nothing, tier: null },
        changeFailRate: { ...nothing, tier: null },
        recovery: { ...nothing, tier: null },
        timeToRestore: { ...nothing, tier: null },
      },
    };
    expect(JSON.stringify(classicOf(report as never))).not.toMatch(/Elite|"value":0\b/i);
  });

  it('⑲ actions are used that GitHub has retired', () => {
    const oldest: Record<string, number> = {
      'actions/checkout': 4,
      'actions/upload-artifact': 4,
      'actions/download-artifact': 4,
      'actions/cache': 4,
      'actions/setup-python': 5,
      'actions/setup-node': 4,
      'github/codeql-action/upload-sarif': 4,
    };
    for (const file of all.map((workflow) => workflow.file)) {
      for (const [, name, major] of readFileSync(file, 'utf8').matchAll(
        /uses: ([\w./-]+)@[0-9a-f]{40} # v(\d+)/g,
      ))
        expect([file, name, Number(major) >= (oldest[name!] ?? 0)]).toEqual([file, name, true]);
    }
  });

  it('⑳ a message is sent without an address to send it to', () => {
    const told = all.flatMap((workflow) =>
      stepsOf(workflow).filter(({ uses }) => /[/]notify(@|$)/.test(uses ?? '')),
    );
    expect(told.length).toBeGreaterThan(0);
    // A comment goes to the pull request, and an issue is closed where it stands.
    const toPeople = told.filter(
      ({ with: given }) => given?.['comment'] !== 'true' && given?.['result'] !== 'success',
    );
    expect(toPeople.length).toBeGreaterThan(0);
    for (const step of toPeople)
      expect(step.with).toMatchObject({ 'slack-webhook': '${{ secrets.SLACK_WEBHOOK }}' });
    expect(used.filter((uses) => uses.includes('slack'))).toEqual([]);
  });
});
