import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { action as autoRollback } from '../../../actions/auto-rollback/main.js';
import { action as blueGreen } from '../../../actions/blue-green-switch/main.js';
import { dispatch } from '../../../cli/dispatch.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { testShell } from '../../cli/terminal.js';
import { stage } from '../../rehearsal/github/support.js';
import { initCommand, known, pageOf } from '../../support/example.js';
import { testHost } from '../../support/runner/host.js';

export interface Built {
  version: string;
  digest: string;
}

/** A team that copied an example: its repository, what is done in it, and GitHub's stand-in. */
export type Team = Awaited<ReturnType<typeof startTeam>>;

/** `router` stands in place of the one that the page names first. */
export async function startTeam(example: string, router?: string) {
  const page = pageOf(example);
  const root = mkdtempSync(join(tmpdir(), 'example-'));
  const team = join(root, 'shop');
  cpSync(example, team, { recursive: true });
  const variables: Record<string, string> = {};
  const change = (path: string, by: (text: string) => string) =>
    writeFileSync(join(team, path), by(readFileSync(join(team, path), 'utf8')));

  const cli = async (args: readonly string[]) => {
    const shell = testShell(team, { env: variables });
    const code = await dispatch(args, shell);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
  };
  const init = () => cli([...initCommand(page, router), ...known, '--yes']);

  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=dev', '-c', 'user.email=dev@example.com', '-c', 'commit.gpgsign=false', ...args],
      { cwd: team, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
  git('init', '--quiet', '--initial-branch=main');
  /** Runs a script of the team; what stands in for a place goes on meanwhile. */
  const script = async (...argv: [string, ...string[]]) => {
    const child = spawn(join(team, argv[0]), argv.slice(1), {
      cwd: team,
      env: { HOME: root, ...variables, PATH: `${root}/bin:${process.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { status, stdout, stderr };
  };

  const github = await stage();
  const { control } = github.server;
  const { token } = control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  });
  const sha = github.first.commit;

  const startRun = () => {
    const run = control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/cd.yml',
      workflowName: 'CD',
      event: 'push',
      headSha: sha,
      headBranch: 'main',
      actor: 'octocat',
    });
    control.progressRun(run.id, { status: 'in_progress' });
    const job = control.addJob(run.id, { name: 'production', key: 'production', attempt: run.attempt });
    control.progressJob(job.id, { status: 'in_progress' });
    return { runId: run.id, attempt: run.attempt, jobId: job.id };
  };
  type Run = ReturnType<typeof startRun>;
  const hostOf = (run: Run) =>
    testHost({
      context: {
        sha,
        runId: run.runId,
        attempt: run.attempt,
        apiUrl: github.server.url,
        workspace: team,
        temp: root,
      },
      random: Math.random,
      variables,
    });
  /** What every step of a workflow is given, as the variables of inputs. */
  const given = (run: Run, inputs: Record<string, string>) =>
    Object.fromEntries(
      Object.entries({
        environment: 'production',
        service: 'shop',
        traffic: '.github/traffic/production.yml',
        'github-token': token,
        'job-id': String(run.jobId),
        ...inputs,
      }).map(([name, value]) => [inputVariable(name), value]),
    );

  return {
    root,
    team,
    page,
    init,
    cli,
    change,
    script,
    git,
    startRun,
    /** Variables of every step and script, as a login leaves them. */
    variables,
    read: (path: string) => readFileSync(join(team, path), 'utf8'),
    /** The application as it is in the example. */
    original: readFileSync(join(example, 'server.js'), 'utf8'),
    /** Puts a file onto the default branch, where criteria are read from. */
    publish(path: string, content: string) {
      mkdirSync(dirname(join(github.gitDir, path)), { recursive: true });
      github.commit(path, content);
    },
    /** A step of the switch. */
    async step(run: Run, inputs: Record<string, string>) {
      const outcome = await blueGreen.run(
        readInputs(blueGreen.inputs, given(run, { sha, ...inputs })),
        hostOf(run),
      );
      return {
        ok: outcome.ok,
        message: outcome.message,
        outputs: outcome.outputs as Record<string, string>,
      };
    },
    /** The step that watches. */
    async watch(run: Run) {
      const outcome = await autoRollback.run(readInputs(autoRollback.inputs, given(run, {})), hostOf(run));
      return {
        ok: outcome.ok,
        message: outcome.message,
        outputs: outcome.outputs as Record<string, string>,
      };
    },
    /** What the gate says; `waived` are open incidents that it lets a hotfix pass by. */
    verdict: (run: Run, { digest }: Built, kind: string, waived: readonly number[] = []) =>
      JSON.stringify({
        schema: 'devops-actions/verdict@1',
        result: 'pass',
        environment: 'production',
        service: 'shop',
        ...{ kind, sha, digest, policyCommit: sha, runId: run.runId, attempt: run.attempt },
        issuedAt: new Date(Date.now() - 1_000).toISOString(),
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        gates: ['checks'],
        waivers: [],
        incidents: { blockAt: 'high', waived },
      }),
    /** Commits what is there as a version of its own, and builds it. */
    async build(version: string, by: (server: string) => string = (server) => server): Promise<Built> {
      change('package.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
      change('server.js', by);
      git('add', '--all');
      git('commit', '--quiet', '--message', version);
      const { status, stdout, stderr } = await script('deploy/build', 'shop');
      if (status !== 0) throw new Error(stderr);
      return Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=')),
      ) as unknown as Built;
    },
    async close() {
      await github.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
