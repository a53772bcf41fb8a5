import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { clusterSchema, type ClusterConfig } from '../../../../../shared/traffic/routers/kube/config.js';
import { openCluster } from '../../../../../shared/traffic/routers/kube/cluster.js';
import { createAuthority } from '../../../../support/servers/certificates.js';
import { serve, type TestServer } from '../../../../support/servers/http.js';

const target = { group: '', version: 'v1', resource: 'services', namespace: 'shop', name: 'shop' };
const clock = { now: () => 1_000_000, sleep: async () => undefined };

let folder: string;
let server: TestServer;
let asked: IncomingMessage[];
/** Answers in order, the last one for ever. */
let answers: { status: number; body: string; late?: number }[];

const authority = createAuthority();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kube-cluster-'));
  asked = [];
  answers = [{ status: 200, body: '{"kind":"Service"}' }];
  server = await serve(
    (request, response) => {
      asked.push(request);
      const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
      setTimeout(() => response.writeHead(answer.status).end(answer.body), answer.late ?? 0);
    },
    authority.issue({ names: ['127.0.0.1', 'kube.internal'] }),
  );
  file('ca.crt', authority.ca);
});

afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function open(config: Record<string, unknown>, variables: Record<string, string> = {}, answerWithin = 2_000) {
  const world = { clock, workspace: folder, variable: (name: string) => variables[name] };
  return openCluster('eu-1', clusterSchema.parse(config) as ClusterConfig, world, answerWithin, folder);
}

function kubeconfig(user: Record<string, unknown>, cluster: Record<string, unknown> = {}): string {
  return file(
    'config',
    stringify({
      'current-context': 'prod',
      contexts: [{ name: 'prod', context: { cluster: 'c', user: 'u' } }],
      clusters: [
        { name: 'c', cluster: { server: server.url, 'certificate-authority': 'ca.crt', ...cluster } },
      ],
      users: [{ name: 'u', user }],
    }),
  );
}

function plugin(script: string): Record<string, unknown> {
  chmodSync(file('plugin', `#!/bin/sh\n${script}\n`), 0o700);
  return {
    exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin', installHint: 'Install it.' },
  };
}

const credential = (token: string) =>
  `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}'`;

describe('a cluster', () => {
  test('is asked with the token of a variable, over a server path of its own', async () => {
    const api = open(
      { access: 'token', server: `${server.url}/k8s/clusters/c-1/`, 'certificate-authority': 'ca.crt' },
      { KUBE_TOKEN: 't0ken' },
    );
    expect(await api.get(target)).toEqual({ kind: 'Service' });
    expect(asked[0]!.url).toBe('/k8s/clusters/c-1/api/v1/namespaces/shop/services/shop');
    expect(asked[0]!.headers.authorization).toBe('Bearer t0ken');
  });

  test('is found by KUBECONFIG, whose relative files are meant from its folder', async () => {
    const path = kubeconfig({ token: 'a' });
    await open({ access: 'kubeconfig' }, { KUBECONFIG: path }).get(target);
    expect(asked[0]!.headers.authorization).toBe('Bearer a');
  });

  test('gives a pod the token of its service account, read anew after it was replaced', async () => {
    file('token', 'first\n');
    const [host, port] = new URL(server.url).host.split(':');
    const api = open(
      { access: 'in-cluster' },
      { KUBERNETES_SERVICE_HOST: host!, KUBERNETES_SERVICE_PORT: port! },
    );
    await api.get(target);
    file('token', 'second\n');
    await api.get(target);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  test('runs its exec plugin once for many requests, and again when the server refuses what it gave', async () => {
    kubeconfig(plugin(`echo run >> "${folder}/runs"\n${credential('p')}`));
    const api = open({ access: 'kubeconfig', path: 'config' }, { PATH: process.env['PATH']! });
    await Promise.all([api.get(target), api.get(target)]);
    const runs = () => readFileSync(join(folder, 'runs'), 'utf8').length / 4;
    expect(runs()).toBe(1);
    answers = [
      { status: 401, body: '{}' },
      { status: 200, body: '{}' },
    ];
    await api.get(target);
    expect(runs()).toBe(2);
  });

  test('hides the step’s own variables from the plugin, but for those of the clouds and those that are named', async () => {
    kubeconfig(plugin(`env > "${folder}/env"\n${credential('p')}`));
    const variables = { AWS_PROFILE: 'prod', VAULT_TOKEN: 'v', INPUT_TOKEN: 'i', GITHUB_TOKEN: 'g' };
    await open({ access: 'kubeconfig', path: 'config', variables: ['VAULT_TOKEN'] }, variables).get(target);
    const env = readFileSync(join(folder, 'env'), 'utf8');
    expect(env).toMatch(/^AWS_PROFILE=prod$/m);
    expect(env).toMatch(/^VAULT_TOKEN=v$/m);
    expect(env).toMatch(/^KUBERNETES_EXEC_INFO=/m);
    expect(env).not.toMatch(/INPUT_TOKEN|GITHUB_TOKEN/);
  });

  test('is verified by the name that the kubeconfig gives', async () => {
    kubeconfig({ token: 'a' }, { 'tls-server-name': 'kube.internal' });
    await open({ access: 'kubeconfig', path: 'config' }).get(target);
    kubeconfig({ token: 'a' }, { 'tls-server-name': 'other.internal' });
    await expect(open({ access: 'kubeconfig', path: 'config' }).get(target)).rejects.toThrow(
      /other\.internal/,
    );
  });

  test('is not believed with a certificate of anybody else', async () => {
    file('ca.crt', createAuthority().ca);
    kubeconfig({ token: 'a' });
    await expect(open({ access: 'kubeconfig', path: 'config' }).get(target)).rejects.toThrow(/certificate/);
    expect(asked).toEqual([]);
  });

  test.each([
    [
      'a variable that is not set',
      { access: 'token', server: 'https://127.0.0.1:1' },
      'KUBE_TOKEN is not set',
    ],
    ['a runner that is no pod', { access: 'in-cluster' }, 'this runner is no pod'],
    [
      'a file that is not there',
      { access: 'kubeconfig', path: 'nowhere' },
      'nowhere could not be read (ENOENT)',
    ],
  ])('cannot be asked with %s', async (_what, config, expected) => {
    await expect(open(config).get(target)).rejects.toThrow(expected);
  });

  test('says what its plugin said when that fails, and how to install it when it is missing', async () => {
    kubeconfig(plugin('echo "no session" >&2; exit 3'));
    await expect(open({ access: 'kubeconfig', path: 'config' }).get(target)).rejects.toThrow(
      'the exec plugin "./plugin" of the kubeconfig ended with code 3: "no session"',
    );
    rmSync(join(folder, 'plugin'));
    await expect(open({ access: 'kubeconfig', path: 'config' }).get(target)).rejects.toThrow(
      /cannot be run.*Install it\./,
    );
  });

  test.each([
    ['late', { status: 200, body: '{}', late: 400 }, 'no complete answer within 100 ms'],
    ['with a page of a proxy', { status: 200, body: '<html>' }, 'status 200 and nothing that is understood'],
    ['with an error page', { status: 502, body: 'Bad Gateway' }, 'status 502 and nothing that is understood'],
    [
      'that it has no such object',
      { status: 404, body: '{"kind":"Status","message":"not found"}' },
      'there are no services "shop" in namespace "shop"',
    ],
    [
      'with runner commands',
      { status: 500, body: JSON.stringify({ kind: 'Status', message: 'x\n::set-output name=a::b' }) },
      String.raw`"x\n::set-output`,
    ],
  ])('that answers %s is an error that says so', async (_what, answer, expected) => {
    answers = [answer];
    kubeconfig({ token: 'a' });
    await expect(open({ access: 'kubeconfig', path: 'config' }, {}, 100).get(target)).rejects.toThrow(
      expected,
    );
  });

  test('that is not there is an error of its address', async () => {
    kubeconfig({ token: 'a' });
    await server.close();
    await expect(open({ access: 'kubeconfig', path: 'config' }).get(target)).rejects.toThrow(
      /GET https:.*ECONNREFUSED/,
    );
  });

  test.each(['GITHUB_TOKEN', 'ACTIONS_RUNTIME_TOKEN', 'INPUT_TOKEN'])('is never sent %s', (name) => {
    const config = { access: 'token', server: 'https://kube', 'token-variable': name };
    expect(clusterSchema.safeParse(config).success).toBe(false);
  });
});
