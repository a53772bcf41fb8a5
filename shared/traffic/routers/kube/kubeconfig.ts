import { parse } from 'yaml';
import * as z from 'zod';

const execSchema = z.looseObject({
  apiVersion: z.string(),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  provideClusterInfo: z.boolean().optional(),
  interactiveMode: z.string().optional(),
});

const userSchema = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  exec: execSchema.nullish(),
});

const clusterSchema = z.looseObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': z.string().optional(),
  'certificate-authority-data': z.string().optional(),
  'tls-server-name': z.string().optional(),
});

const fileSchema = z.looseObject({
  'current-context': z.string().optional(),
  contexts: z
    .array(
      z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: z.string() }) }),
    )
    .nullish(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: clusterSchema })).nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: userSchema.nullish() })).nullish(),
});

/** Something given as a file of its own (path as written) or inside the kubeconfig. */
export type Material = { file: string } | { text: string };

export interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  installHint: string | undefined;
  provideClusterInfo: boolean;
}

/** Where the API server is and who we are, before any file is read or plugin run. */
export interface KubeAccess {
  server: string;
  ca?: Material;
  serverName?: string;
  token?: Material;
  certificate?: Material;
  key?: Material;
  exec?: ExecPlugin;
}

export type Selected = { ok: true; access: KubeAccess } | { ok: false; why: string };

/**
 * Reads a kubeconfig and follows a context (default: its current one). What it says never repeats values of the file:
 * they may be secrets.
 */
export function selectContext(text: string, wanted: string | undefined): Selected {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    const { line } = (error as { linePos?: { line: number }[] }).linePos?.[0] ?? {};
    return no(`is no YAML${line === undefined ? '' : ` (line ${line})`}`);
  }
  const file = fileSchema.safeParse(document);
  if (!file.success) {
    const wrong = file.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
    );
    return no(`is not understood: ${wrong.join('; ')}`);
  }
  const { contexts, clusters, users } = file.data;
  const name = wanted ?? file.data['current-context'];
  const known = (contexts ?? []).map((entry) => entry.name).join(', ') || 'none';
  if (!name) return no(`has no current-context; name one under "context" (there are: ${known})`);
  const context = contexts?.find((entry) => entry.name === name)?.context;
  if (!context) return no(`has no context "${name}" (there are: ${known})`);
  const cluster = clusters?.find((entry) => entry.name === context.cluster)?.cluster;
  if (!cluster) return no(`has no cluster "${context.cluster}", which its context "${name}" names`);
  const user = users?.find((entry) => entry.name === context.user);
  if (!user) return no(`has no user "${context.user}", which its context "${name}" names`);
  return accessOf(cluster, user.user ?? {}, context.user);
}

type Cluster = z.output<typeof clusterSchema>;
type User = z.output<typeof userSchema>;

function accessOf(cluster: Cluster, user: User, name: string): Selected {
  const refused = refusal(cluster, user, name);
  if (refused) return no(refused);
  const ca = material(cluster['certificate-authority-data'], cluster['certificate-authority']);
  const certificate = material(user['client-certificate-data'], user['client-certificate']);
  const key = material(user['client-key-data'], user['client-key']);
  const token: Material | undefined = user.tokenFile
    ? { file: user.tokenFile }
    : user.token
      ? { text: user.token }
      : undefined;
  return {
    ok: true,
    access: {
      server: cluster.server,
      ...(ca ? { ca } : {}),
      ...(cluster['tls-server-name'] ? { serverName: cluster['tls-server-name'] } : {}),
      ...(token ? { token } : {}),
      ...(certificate && key ? { certificate, key } : {}),
      ...(user.exec ? { exec: pluginOf(user.exec) } : {}),
    },
  };
}

/** What a kubeconfig may say and is not done here, each with the way out. */
function refusal(cluster: Cluster, user: User, name: string): string | undefined {
  if (cluster['insecure-skip-tls-verify'])
    return 'says insecure-skip-tls-verify: whoever stands between could then switch traffic; give certificate-authority-data instead';
  if (cluster['proxy-url'])
    return 'says proxy-url, which is not done here; use a runner that reaches the API server directly';
  const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(cluster.server).hostname);
  if (cluster.server.startsWith('http:') && !loopback)
    return 'has a server without TLS, over which credentials would go in the clear; give an https address';
  if (user['username'] !== undefined || user['password'] !== undefined)
    return `gives user "${name}" a password, which API servers no longer take; use a token, a client certificate or an exec plugin`;
  if (user['auth-provider'])
    return `gives user "${name}" an auth-provider, which Kubernetes removed in 1.26; use the exec plugin of your cloud`;
  if (user['as'] !== undefined) return `lets user "${name}" impersonate another, which is not done here`;
  const hasCertificate =
    user['client-certificate'] !== undefined || user['client-certificate-data'] !== undefined;
  const hasKey = user['client-key'] !== undefined || user['client-key-data'] !== undefined;
  if (hasCertificate !== hasKey) return `gives user "${name}" only one of client certificate and client key`;
  if (user.exec && !/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(user.exec.apiVersion))
    return `has an exec plugin of a version other than client.authentication.k8s.io/v1 or v1beta1; update the tool that wrote it`;
  if (user.exec?.interactiveMode === 'Always')
    return 'has an exec plugin that asks a person; nobody is there to answer';
  return undefined;
}

function pluginOf(exec: z.output<typeof execSchema>): ExecPlugin {
  return {
    apiVersion: exec.apiVersion,
    command: exec.command,
    args: exec.args ?? [],
    env: Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value])),
    installHint: exec.installHint,
    provideClusterInfo: exec.provideClusterInfo ?? false,
  };
}

/** The data field wins over the file, as in kubectl; it is base64. */
function material(data: string | undefined, file: string | undefined): Material | undefined {
  if (data) return { text: Buffer.from(data, 'base64').toString('utf8') };
  return file ? { file } : undefined;
}

function no(why: string): Selected {
  return { ok: false, why };
}
