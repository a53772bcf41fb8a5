import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { parse, stringify } from 'yaml';
import { startGitHub, type GitHubServer } from '../../../rehearsal/github/server.js';
import { runWorkflow, type ProgressEvent, type RunReport } from '../../../rehearsal/runner/run-workflow.js';
import type { Child } from '../../../rehearsal/story/child.js';
import { startMachines, type Machines } from '../../../rehearsal/story/machines.js';
import { freePorts } from '../../../rehearsal/story/ports.js';
import { startEntry } from '../../../rehearsal/story/routers/entry.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { serveNotifyChannels, secrets, type NotifyServer } from '../../support/servers/notify-channels.js';

export const services = ['auth', 'catalogue', 'orders', 'search', 'frontend'] as const;
export type Service = (typeof services)[number];
const colours = ['blue', 'green'] as const;
const production = (service: string) => `${service}-production`;

/** Five services of one repository, each behind a router of its own; 1.0.0 of all is live, 2.0.0 is proved in staging. */
export interface Night {
  github: GitHubServer;
  machines: Machines;
  channels: NotifyServer;
  /** Version that the public address of each service answers with. */
  seen(): Promise<Record<Service, string>>;
  goLive(options?: { lose?: AbortSignal; onProgress?: (event: ProgressEvent) => void }): Promise<RunReport>;
  close(): Promise<void>;
}

export interface NightPlan {
  /** Keys of .github/go-live.yml beside the services. */
  plan?: object;
  /** What is wrong with 2.0.0 of a service. */
  faults?: Partial<Record<Service, object>>;
}

const smoke = `version: 1
name: health
flows:
  - name: health
    steps:
      - name: is the version that was built
        http: { url: /health }
        expect: { status: 200, json: [{ path: $.version, equals: '{{ version }}' }] }
`;
const footer = `version: 1
name: frontend
flows:
  - name: footer
    steps:
      - name: shows the version
        http: { url: / }
        expect: { css: [{ selector: footer, equals: 'version {{ version }}' }] }
`;

/** Writes into the ledger of staging what a release there would have: by the run of a workflow, as everybody has to. */
const prove = `const api = process.env.GITHUB_API_URL + '/repos/' + process.env.GITHUB_REPOSITORY;
const post = async (path, body) => {
  const answer = await fetch(api + path, {
    method: 'POST',
    headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(path + ': ' + answer.status + ' ' + await answer.text());
  return answer.json();
};
const { proved, tree } = JSON.parse(process.env.PROVED);
const sha = process.env.GITHUB_SHA;
const log = process.env.GITHUB_SERVER_URL + '/' + process.env.GITHUB_REPOSITORY + '/actions/runs/' + process.env.GITHUB_RUN_ID;
for (const { service, version, digest } of proved) {
  const payload = { suite: 'devops-actions/deployment@1', service, version, releaseId: version, builtSha: sha, releasedSha: sha,
    tree, digest, kind: 'release', colour: 'green', waivers: [], run: { id: Number(process.env.GITHUB_RUN_ID), attempt: 1 } };
  const { id } = await post('/deployments', { ref: sha, task: 'devops-actions/' + service, auto_merge: false,
    required_contexts: [], environment: service + '-staging', payload });
  await post('/deployments/' + id + '/statuses', { state: 'success', auto_inactive: false, log_url: log });
}
`;

/** What runs is recorded, and what staging proved: the two things that stand before a go-live. */
const cd = stringify({
  name: 'CD',
  on: { workflow_dispatch: { inputs: { what: { type: 'string' }, proved: { type: 'string' } } } },
  permissions: {},
  jobs: {
    adopt: {
      if: "inputs.what == 'adopt'",
      'runs-on': 'ubuntu-24.04',
      permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
      strategy: { matrix: { service: [...services] } },
      steps: [
        { uses: 'actions/checkout@v6' },
        {
          uses: 'org/devops-actions/blue-green@v1',
          with: {
            mode: 'adopt',
            environment: '${{ matrix.service }}-production',
            service: '${{ matrix.service }}',
            traffic: '.github/traffic/${{ matrix.service }}-production.yml',
          },
        },
      ],
    },
    prove: {
      if: "inputs.what == 'prove'",
      'runs-on': 'ubuntu-24.04',
      permissions: { contents: 'read', deployments: 'write' },
      steps: [
        { uses: 'actions/checkout@v6' },
        {
          run: 'node prove.mjs',
          env: { TOKEN: '${{ github.token }}', PROVED: '${{ inputs.proved }}' },
        },
      ],
    },
  },
});

export async function openNight({ plan = {}, faults = {} }: NightPlan): Promise<Night> {
  const root = mkdtempSync(join(tmpdir(), 'night-'));
  const tree = join(root, 'tree');
  writeReleaseTree(tree);
  const scripts = await buildScripts(root);
  const [github, channels] = await Promise.all([startGitHub({}), serveNotifyChannels(Date.now)]);
  writeFileSync(join(root, 'ca.pem'), channels.ca);
  const free = await freePorts(services.length * colours.length);
  const ports = Object.fromEntries(
    services.map((service) => [production(service), { blue: free.pop()!, green: free.pop()! }]),
  );
  const machines = await startMachines(scripts['shop']!, ports, join(root, 'data'));
  const children: Pick<Child<unknown>, 'stop'>[] = [];
  const entries: Record<string, string> = {};
  const files: Record<string, string> = {};
  for (const service of services) {
    const environment = production(service);
    const first = machines.push(Buffer.from(JSON.stringify({ version: '1.0.0', service })));
    await machines.deploy(environment, 'blue', first);
    const { entry, child } = await startEntry(
      'embedded',
      { environment, dir: root, ports: ports[environment]! },
      scripts['router']!,
    );
    children.push(child);
    entries[service] = entry.url;
    files[`.github/traffic/${environment}.yml`] = stringify({
      version: 1,
      router: entry.router,
      colours: Object.fromEntries(
        colours.map((colour) => [colour, { url: `http://127.0.0.1:${ports[environment]![colour]}` }]),
      ),
      identity: { path: '/health', version: { json: '$.version' }, digest: { json: '$.digest' } },
      entry: { url: `${entry.url}/health`, connections: 3, for: '100ms' },
    });
  }
  const repository = join(root, 'repository');
  mkdirSync(repository);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.test', ...args], {
      cwd: repository,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '', HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  };
  const each = (value: (service: Service) => unknown) =>
    Object.fromEntries(services.map((service) => [production(service), value(service)]));
  for (const [path, text] of Object.entries({
    ...files,
    '.github/workflows/cd.yml': cd,
    '.github/workflows/go-live.yml': callerOf(),
    'prove.mjs': prove,
    '.github/smoke.yml': smoke,
    '.github/smoke-frontend.yml': footer,
    '.github/smoke-go-live.yml': readFileSync('docs/examples/smoke-verification.yml', 'utf8'),
    '.github/release-policy.yml': stringify({
      version: 1,
      environments: each((service) => ({
        gates: {
          branch: ['main'],
          promotion: { from: `${service}-staging` },
          incidents: { 'block-at': 'high' },
        },
      })),
    }),
    '.github/rollback.yml': stringify({
      version: 1,
      environments: each(() => ({
        watch: '2s',
        interval: '250ms',
        sources: { health: { type: 'probe', path: '/health', 'expect-status': 200 } },
        criteria: [
          {
            name: 'health',
            source: 'health',
            'fail-when': 'error-rate > 50 %',
            for: '500ms',
            'min-requests': 1,
            'no-data': 'pass',
          },
        ],
      })),
    }),
    '.github/go-live.yml': stringify({
      version: 1,
      from: '{service}-staging',
      environment: '{service}-production',
      services: [
        { name: 'auth', rank: 1 },
        { name: 'catalogue', rank: 1 },
        { name: 'orders', rank: 2 },
        { name: 'search', rank: 3 },
        { name: 'frontend', rank: 4, cdn: true, url: entries['frontend'] },
      ],
      verify: { url: entries['orders'] },
      ...plan,
    }),
    'deploy/invalidate': '#!/bin/sh\necho "cleared $*"\n',
    'deploy/target.json': JSON.stringify({ machines: machines.url }),
  }))
    write(path, text);
  cpSync('rehearsal/story/fixture/deploy/deploy', join(repository, 'deploy', 'deploy'));
  cpSync('rehearsal/story/fixture/package.json', join(repository, 'package.json'));
  for (const name of ['deploy', 'invalidate']) chmodSync(join(repository, 'deploy', name), 0o755);
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const commit = (message: string) => {
    git('add', '--all');
    git('commit', '--quiet', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  const first = commit('1.0.0');
  github.control.addRepository({
    owner: 'acme',
    name: 'shop',
    gitDir: join(repository, '.git'),
    defaultBranch: 'main',
  });
  github.control.addUser({ login: 'ana', role: 'write' });

  const run = (
    workflow: string,
    sha: string,
    inputs: Record<string, string>,
    options: { lose?: AbortSignal; onProgress?: (event: ProgressEvent) => void } = {},
  ) =>
    runWorkflow({
      workflow: `.github/workflows/${workflow}`,
      repository: { owner: 'acme', name: 'shop', gitDir: join(repository, '.git') },
      event: { name: 'workflow_dispatch', ref: 'refs/heads/main', sha, actor: 'ana', payload: {}, inputs },
      github: { url: github.url },
      actions: { 'org/devops-actions': tree },
      secrets: {
        WEBHOOK_URL: channels.inputs['webhook-url']!,
        WEBHOOK_SECRET: secrets.webhookSecret,
        SMOKE_PASSWORD: 'correct horse battery staple',
      },
      vars: {},
      machineEnvironment: { NODE_EXTRA_CA_CERTS: join(root, 'ca.pem') },
      node: process.execPath,
      workDir: join(root, 'runs'),
      timings: { lostMs: 500 },
      onProgress: options.onProgress ?? (() => {}),
      ...(options.lose ? { lose: options.lose } : {}),
    });

  const prepared = async (workflow: Promise<RunReport>, what: string) => {
    const report = await workflow;
    if (report.conclusion === 'success') return;
    const log = Object.values(report.jobs).flatMap(({ name, steps }) => [
      name,
      ...steps.map((step) => step.log),
    ]);
    throw new Error(`${what} did not succeed:\n${log.join('\n').slice(-3_000)}`);
  };
  await prepared(run('cd.yml', first, { what: 'adopt' }), 'Recording what runs');
  write('app.json', '2.0.0');
  const second = commit('2.0.0');
  const proved = services.map((service) => ({
    service,
    version: '2.0.0',
    digest: machines.push(
      Buffer.from(
        JSON.stringify({ version: '2.0.0', service, ...(faults[service] ? { fault: faults[service] } : {}) }),
      ),
    ),
  }));
  const facts = JSON.stringify({ proved, tree: git('rev-parse', `${second}^{tree}`) });
  await prepared(run('cd.yml', second, { what: 'prove', proved: facts }), 'The proof in staging');

  return {
    github,
    machines,
    channels,
    seen: async () =>
      Object.fromEntries(
        await Promise.all(
          services.map(async (service) => {
            const answer = await fetch(`${entries[service]}/health`, { headers: { connection: 'close' } });
            return [service, ((await answer.json()) as { version: string }).version];
          }),
        ),
      ) as Record<Service, string>,
    goLive: (options) => run('go-live.yml', second, {}, options),
    close: async () => {
      await machines.close();
      await Promise.all(children.map((child) => child.stop()));
      await Promise.all([github.close(), channels.close()]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The template as it is published, which also tells a webhook. */
function callerOf(): string {
  const caller = parse(readFileSync('workflows-templates/go-live.yml', 'utf8')) as {
    jobs: Record<string, { secrets: Record<string, string> }>;
  };
  Object.assign(caller.jobs['go-live']!.secrets, {
    WEBHOOK_URL: '${{ secrets.WEBHOOK_URL }}',
    WEBHOOK_SECRET: '${{ secrets.WEBHOOK_SECRET }}',
  });
  return stringify(caller);
}

async function buildScripts(root: string): Promise<Record<string, string>> {
  const names = ['shop', 'router'];
  const outdir = join(root, 'bin');
  await build({
    entryPoints: Object.fromEntries(names.map((name) => [name, join('rehearsal', name, 'main.ts')])),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
  });
  return Object.fromEntries(names.map((name) => [name, join(outdir, `${name}.mjs`)]));
}
