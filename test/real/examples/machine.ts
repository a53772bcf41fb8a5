import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { action } from '../../../actions/blue-green-switch/main.js';
import { dispatch } from '../../../cli/dispatch.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { asArguments } from '../../cli/init/support.js';
import { testShell } from '../../cli/terminal.js';
import { stage } from '../../rehearsal/github/support.js';
import { testHost } from '../../support/runner/host.js';
import { answers, freePorts, startServer } from '../../support/servers/real.js';

export const example = join('examples', 'vm-nginx');
export const page = readFileSync(join(example, 'README.md'), 'utf8');

export interface Built {
  version: string;
  digest: string;
}

/** The machine of the example: its nginx and its application, with a folder for `/`, and GitHub's stand-in. */
export type Machine = Awaited<ReturnType<typeof startMachine>>;

/** What the page says of `init`, as arguments. */
function initCommand(): string[] {
  const [, text] = /npx --yes \S+ (init [^`]*?)\n```/.exec(page)!;
  return text!
    .replace(/\\\n\s*/g, '')
    .trim()
    .split(/\s+/);
}

/** Does what a unit of systemd says, as far as this example uses it. */
const sudo = (root: string) => `#!/usr/bin/env bash
set -euo pipefail
test "$1" = systemctl
unit='${root}/units/'$3.service
key() { sed -n "s/^$1=//p" "$unit"; }
pid='${root}/'$3.pid
if test -f "$pid"; then kill "$(cat "$pid")" 2>/dev/null || true; rm "$pid"; fi
if test "$2" = restart; then
  set -a; source "$(key EnvironmentFile)"; set +a
  cd "$(key WorkingDirectory)"
  # shellcheck disable=SC2046
  nohup $(key ExecStart) > '${root}/'$3.log 2>&1 < /dev/null &
  echo $! > "$pid"
fi
`;

export async function startMachine() {
  const root = mkdtempSync(join(tmpdir(), 'vm-nginx-'));
  const team = join(root, 'shop');
  cpSync(example, team, { recursive: true });
  const [web, probe, blue, green] = (await freePorts(4)) as [number, number, number, number];
  const ports: Readonly<Record<string, number>> = { 8080: blue, 8081: green, 8099: probe };
  /** The files of the machine, with this folder for its root and free ports for its own. */
  const here = (text: string) =>
    text
      .replaceAll('/srv', `${root}/srv`)
      .replaceAll('/var/lib', root)
      .replaceAll('/usr/bin/node', process.execPath)
      .replaceAll(/\b(8080|8081|8099)\b/g, (port) => String(ports[port]))
      .replace('listen 80;', `listen 127.0.0.1:${web};`)
      .replace('https://shop.example.com', `http://127.0.0.1:${web}`);
  const change = (path: string, by: (text: string) => string) =>
    writeFileSync(join(team, path), by(readFileSync(join(team, path), 'utf8')));

  const cli = async (args: readonly string[], env: Record<string, string> = {}) => {
    const shell = testShell(team, { env });
    const code = await dispatch(args, shell);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
  };
  const written = await cli([
    ...initCommand(),
    ...asArguments({ service: undefined, place: undefined, router: undefined, owners: undefined }),
    '--yes',
  ]);
  for (const path of ['deploy/settings.sh', '.github/traffic/production.yml']) change(path, here);

  mkdirSync(join(root, 'units'));
  for (const unit of ['shop-blue.service', 'shop-green.service'])
    writeFileSync(join(root, 'units', unit), here(readFileSync(join(example, 'machine', unit), 'utf8')));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin', 'sudo'), sudo(root));
  // A unit that does not come up is waited for 60 times.
  writeFileSync(join(root, 'bin', 'sleep'), '#!/bin/sh\nexec /bin/sleep 0.1\n');
  for (const tool of ['sudo', 'sleep']) chmodSync(join(root, 'bin', tool), 0o755);
  mkdirSync(join(root, 'shop-live'));
  writeFileSync(join(root, 'shop-live', 'blue'), '');
  const conf = join(root, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${root}/${name};`,
  );
  writeFileSync(
    conf,
    `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${root}/nginx.pid; worker_processes 2;
events { worker_connections 512; }
http { access_log off; ${temp.join(' ')}
${here(readFileSync(join(example, 'machine', 'nginx.conf'), 'utf8'))}}`,
  );
  const nginx = await startServer(['nginx', '-e', `${root}/error.log`, '-c', conf], () =>
    answers(`http://127.0.0.1:${probe}/-/live`),
  );

  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=dev', '-c', 'user.email=dev@example.com', '-c', 'commit.gpgsign=false', ...args],
      {
        cwd: team,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  git('init', '--quiet', '--initial-branch=main');
  const script = (...argv: [string, ...string[]]) => {
    const { status, stdout, stderr } = spawnSync(join(team, argv[0]), argv.slice(1), {
      cwd: team,
      encoding: 'utf8',
      env: { PATH: `${root}/bin:${process.env['PATH'] ?? ''}`, HOME: root },
    });
    return { status, stdout, stderr };
  };

  const github = await stage();
  const { control } = github.server;
  const { token } = control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  });
  const sha = github.first.commit;
  const url = `http://127.0.0.1:${web}`;

  /** A step of the switch in a run of its own, or of the run that began it. */
  const startRun = () => {
    const spec = {
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/cd.yml',
      workflowName: 'CD',
    };
    const run = control.addRun({
      ...spec,
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
  const step = async (run: ReturnType<typeof startRun>, inputs: Record<string, string>) => {
    const host = testHost({
      context: {
        sha,
        runId: run.runId,
        attempt: run.attempt,
        apiUrl: github.server.url,
        workspace: team,
        temp: root,
      },
      random: Math.random,
    });
    const given: Record<string, string> = {
      environment: 'production',
      service: 'shop',
      traffic: '.github/traffic/production.yml',
      'github-token': token,
      'job-id': String(run.jobId),
      sha,
      ...inputs,
    };
    const env = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [inputVariable(name), value]),
    );
    const outcome = await action.run(readInputs(action.inputs, env), host);
    return { ok: outcome.ok, message: outcome.message, outputs: outcome.outputs as Record<string, string> };
  };
  const verdict = (run: ReturnType<typeof startRun>, { digest }: Built, kind: string) =>
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
    });

  return {
    root,
    team,
    url,
    written,
    cli,
    change,
    script,
    startRun,
    step,
    verdict,
    /** The application as it is in the example. */
    original: readFileSync(join(example, 'server.js'), 'utf8'),
    /** Commits what is there as a version of its own, and builds it. */
    build(version: string, by: (server: string) => string = (server) => server): Built {
      change('package.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
      change('server.js', by);
      git('add', '--all');
      git('commit', '--quiet', '--message', version);
      const { status, stdout, stderr } = script('deploy/build', 'shop');
      if (status !== 0) throw new Error(stderr);
      return Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=')),
      ) as unknown as Built;
    },
    async close() {
      for (const colour of ['blue', 'green']) script('deploy/remove', 'shop', 'production', colour);
      await nginx.stop();
      await github.close();
      if (existsSync(root)) rmSync(root, { recursive: true });
    },
  };
}
