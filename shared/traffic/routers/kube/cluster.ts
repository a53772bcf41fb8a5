import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { kubeApi, type KubeApi, type KubeSend } from './client.js';
import type { ClusterConfig } from './config.js';
import type { ExecCredential } from './exec-credential.js';
import { selectContext, type KubeAccess, type Material } from './kubeconfig.js';
import { RouterError } from '../../router.js';
import { exchangeOnce } from './connection.js';
import { pluginCredentials } from './plugin.js';
import type { RouterTools } from '../tools.js';

/** Where Kubernetes puts the credentials of a pod. */
const podAccount = '/var/run/secrets/kubernetes.io/serviceaccount';

type World = Pick<RouterTools, 'clock' | 'workspace' | 'variable'>;

/**
 * The API of a cluster. Files are read and plugins run at the first request, so that opening a router never fails.
 * `answerWithin` in milliseconds.
 */
export function openCluster(
  node: string,
  config: ClusterConfig,
  world: World,
  answerWithin: number,
  serviceAccount = podAccount,
): KubeApi {
  const fail = (message: string): never => {
    throw new RouterError(`Node "${node}": ${message}.`, node);
  };
  let opened: Promise<Opened> | undefined;
  const send: KubeSend = async (request) => {
    opened ??= open(config, world, serviceAccount, fail);
    const { access, ca, credentials } = await opened;
    const credential = await credentials.get();
    const result = await exchangeOnce(request, access, ca, credential, answerWithin);
    if (!(result.ok && result.response.status === 401 && access.exec)) return result;
    credentials.refused(credential);
    return exchangeOnce(request, access, ca, await credentials.get(), answerWithin);
  };
  return kubeApi(node, send);
}

type Fail = (message: string) => never;

interface Found extends KubeAccess {
  /** Relative files and commands of a kubeconfig are meant from its own folder. */
  folder: string;
}

interface Opened {
  access: KubeAccess;
  ca: string | undefined;
  credentials: { get(): Promise<ExecCredential>; refused(credential: ExecCredential): void };
}

async function open(
  config: ClusterConfig,
  world: World,
  serviceAccount: string,
  fail: Fail,
): Promise<Opened> {
  const access = await locate(config, world, serviceAccount, fail);
  const { exec, folder, token, certificate, key } = access;
  const ca = access.ca ? await text(access.ca, folder, fail) : undefined;
  if (exec) {
    const variables = config.access === 'kubeconfig' ? config.variables : [];
    return { access, ca, credentials: pluginCredentials(exec, { ...access, ca, variables }, world, fail) };
  }
  // Read at every request: the token of a pod is replaced on disk while it lives.
  const get = async () => ({
    ...(token ? { token: (await text(token, folder, fail)).trim() } : {}),
    ...(certificate && key
      ? { certificate: await text(certificate, folder, fail), key: await text(key, folder, fail) }
      : {}),
  });
  return { access, ca, credentials: { get, refused: () => undefined } };
}

async function locate(
  config: ClusterConfig,
  { workspace, variable }: World,
  serviceAccount: string,
  fail: Fail,
): Promise<Found> {
  if (config.access === 'in-cluster') {
    const [host, port] = [variable('KUBERNETES_SERVICE_HOST'), variable('KUBERNETES_SERVICE_PORT')];
    if (!host || !port)
      return fail(
        'access is in-cluster, but this runner is no pod (KUBERNETES_SERVICE_HOST is not set); use kubeconfig or token',
      );
    const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    return {
      server,
      ca: { file: join(serviceAccount, 'ca.crt') },
      token: { file: join(serviceAccount, 'token') },
      folder: '/',
    };
  }
  if (config.access === 'token') {
    const token = variable(config['token-variable']);
    if (!token)
      return fail(
        `the environment variable ${config['token-variable']} is not set; it must hold the bearer token`,
      );
    const ca = config['certificate-authority'];
    return {
      server: config.server,
      token: { text: token },
      ...(ca ? { ca: { file: ca } } : {}),
      folder: workspace,
    };
  }
  const named =
    config.path ?? (variable('KUBECONFIG') || join(variable('HOME') ?? homedir(), '.kube', 'config'));
  if (config.path === undefined && named.includes(':'))
    return fail('KUBECONFIG names several files, which are not merged here; name one under "path"');
  const path = resolve(workspace, named.replace(/^~(?=\/)/, variable('HOME') ?? homedir()));
  const selected = selectContext(await text({ file: path }, workspace, fail), config.context);
  return selected.ok
    ? { ...selected.access, folder: dirname(path) }
    : fail(`the kubeconfig ${path} ${selected.why}`);
}

async function text(material: Material, folder: string, fail: Fail): Promise<string> {
  if ('text' in material) return material.text;
  const path = resolve(folder, material.file);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return fail(`${path} could not be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}
