import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../../support/servers/certificates.js';
import {
  answers,
  freePorts,
  installed,
  startServer,
  type RealServer,
} from '../../../support/servers/real.js';

const readyWithinMs = 60_000;

/**
 * A real kube-apiserver on loopback with an etcd of its own. No controller runs: what they would write, the test
 * writes.
 */
export interface KubeServer {
  url: string;
  folder: string;
  /** PEM file that the server's certificate is verified by. */
  caFile: string;
  /** Tokens of an administrator and of the user `deployer`, who may do nothing until a Role says so. */
  tokens: { admin: string; deployer: string };
  /** Issues client certificates (for the user `leaf`) that the server believes. */
  authority: ReturnType<typeof createAuthority>;
  /** Asks as the administrator; throws on any status but a success. */
  ask(method: string, path: string, body?: unknown, type?: string): Promise<Record<string, unknown>>;
  /** Stops the API server in its tracks, and lets it go on. */
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Starts both; kube-apiserver is the one that scripts/install/kubernetes/kube-apiserver.sh built. */
export async function startKubeServer(): Promise<KubeServer> {
  const binary = installed('kubernetes/kube-apiserver');
  const folder = mkdtempSync(join(tmpdir(), 'kube-server-'));
  const [client, peer, secure] = await freePorts(3);
  const tokens = { admin: 'token-of-admin', deployer: 'token-of-deployer' };
  const authority = createAuthority();
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const etcd = `http://127.0.0.1:${client}`;
  const etcdPeer = `http://127.0.0.1:${peer}`;
  const url = `https://127.0.0.1:${secure}`;
  const caFile = join(folder, 'certs', 'apiserver.crt');

  const send = (method: string, path: string, body?: unknown, type = 'application/json') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const asked = request(
        `${url}${path}`,
        {
          method,
          // Loopback, and it may be asked before it has written its certificate.
          rejectUnauthorized: false,
          headers: { authorization: `Bearer ${tokens.admin}`, 'content-type': type },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }));
          answer.once('error', reject);
        },
      );
      asked.once('error', reject);
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });

  const started: RealServer[] = [];
  const stop = async () => {
    for (const server of started.toReversed()) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    started.push(
      await startServer(
        [
          ...(['etcd', '--data-dir', join(folder, 'etcd')] as const),
          ...['--listen-client-urls', etcd, '--advertise-client-urls', etcd],
          ...['--listen-peer-urls', etcdPeer, '--initial-advertise-peer-urls', etcdPeer],
          ...['--initial-cluster', `default=${etcdPeer}`],
        ],
        () => answers(`${etcd}/health`),
        readyWithinMs,
      ),
    );
    const pem = (key: KeyObject, type: 'spki' | 'pkcs8') =>
      key.export({ type: type as 'spki', format: 'pem' }).toString();
    started.push(
      await startServer(
        [
          binary,
          `--etcd-servers=${etcd}`,
          `--service-account-key-file=${file('sa.pub', pem(publicKey, 'spki'))}`,
          `--service-account-signing-key-file=${file('sa.key', pem(privateKey, 'pkcs8'))}`,
          '--service-account-issuer=https://kubernetes.default.svc',
          `--token-auth-file=${file('tokens.csv', `${tokens.admin},admin,admin,system:masters\n${tokens.deployer},deployer,deployer\n`)}`,
          `--client-ca-file=${file('clients.pem', authority.ca)}`,
          '--authorization-mode=RBAC',
          `--secure-port=${secure}`,
          '--bind-address=127.0.0.1',
          '--advertise-address=127.0.0.1',
          '--service-cluster-ip-range=10.0.0.0/24',
          `--cert-dir=${join(folder, 'certs')}`,
          '--disable-admission-plugins=ServiceAccount',
        ],
        async () => (await send('GET', '/readyz').catch(() => undefined))?.status === 200,
        readyWithinMs,
      ),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  const [, apiserver] = started;
  return {
    url,
    folder,
    caFile,
    tokens,
    authority,
    async ask(method, path, body, type) {
      const { status, text } = await send(method, path, body, type);
      if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
    freeze: () => apiserver!.freeze(),
    thaw: () => apiserver!.thaw(),
    stop,
  };
}

/** A namespace with Services and pods, whose EndpointSlices the test writes as the controllers would. */
export function namespaceOf(server: KubeServer, namespace: string) {
  const core = `/api/v1/namespaces/${namespace}`;
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  let pods = 0;
  return {
    create: () => server.ask('POST', '/api/v1/namespaces', { metadata: { name: namespace } }),
    service: (name: string, spec: Record<string, unknown>) =>
      server.ask('POST', `${core}/services`, {
        metadata: { name },
        spec: { ports: [{ port: 80 }], ...spec },
      }),
    selector: async (name: string) =>
      ((await server.ask('GET', `${core}/services/${name}`))['spec'] as { selector: Record<string, string> })
        .selector,
    patchService: (name: string, patch: unknown) =>
      server.ask('PATCH', `${core}/services/${name}`, patch, 'application/merge-patch+json'),
    async pod(name: string, labels: Record<string, string>, ready: boolean): Promise<void> {
      await server.ask('POST', `${core}/pods`, {
        metadata: { name, labels },
        spec: { containers: [{ name: 'app', image: 'app' }] },
      });
      await this.podReady(name, ready);
    },
    podReady: (name: string, ready: boolean) =>
      server.ask(
        'PATCH',
        `${core}/pods/${name}/status`,
        {
          status: {
            podIP: `10.1.0.${++pods}`,
            conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
          },
        },
        'application/merge-patch+json',
      ),
    /** Binds a Role with these rules to a user. */
    async grant(user: string, rules: unknown): Promise<void> {
      const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
      await server.ask('POST', `${rbac}/roles`, { metadata: { name: user }, rules });
      await server.ask('POST', `${rbac}/rolebindings`, {
        metadata: { name: user },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: user },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
      });
    },
    /** What the endpoint-slice controller would do: one slice with the pods that the labels mean. */
    async writeSlice(service: string, labels: Record<string, string>): Promise<void> {
      const query = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const { items } = (await server.ask(
        'GET',
        `${core}/pods?labelSelector=${encodeURIComponent(query.join(','))}`,
      )) as {
        items: {
          metadata: { name: string; uid: string };
          status: { podIP: string; conditions: { status: string }[] };
        }[];
      };
      const slice = {
        metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } },
        addressType: 'IPv4',
        ports: [{ port: 80 }],
        endpoints: items.map(({ metadata: { name, uid }, status }) => ({
          addresses: [status.podIP],
          conditions: { ready: status.conditions[0]!.status === 'True' },
          targetRef: { kind: 'Pod', namespace, name, uid },
        })),
      };
      await server
        .ask('POST', slices, slice)
        .catch(() =>
          server.ask(
            'PATCH',
            `${slices}/${service}-1`,
            { endpoints: slice.endpoints },
            'application/merge-patch+json',
          ),
        );
    },
  };
}
