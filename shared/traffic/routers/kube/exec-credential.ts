import * as z from 'zod';
import { parseInstant } from '../../../time/instant.js';
import type { ExecPlugin } from './kubeconfig.js';

/** What a plugin handed out; `expires` in epoch milliseconds, undefined when it never does. */
export interface ExecCredential {
  token?: string;
  certificate?: string;
  key?: string;
  expires?: number;
}

/**
 * Variables of this step that plugins of the large clouds read, beside PATH and HOME: their credentials, never those of
 * GitHub. Others are allowed by name in the traffic file.
 */
export const pluginVariables: readonly string[] = [
  ...['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION', 'AWS_DEFAULT_REGION'],
  ...['AWS_PROFILE', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_CA_BUNDLE', 'AWS_ROLE_ARN'],
  ...['AWS_ROLE_SESSION_NAME', 'AWS_WEB_IDENTITY_TOKEN_FILE', 'AWS_STS_REGIONAL_ENDPOINTS'],
  ...['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_GHA_CREDS_PATH', 'CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE'],
  ...[
    'CLOUDSDK_AUTH_ACCESS_TOKEN',
    'CLOUDSDK_CONFIG',
    'CLOUDSDK_CORE_PROJECT',
    'CLOUDSDK_ACTIVE_CONFIG_NAME',
  ],
  ...[
    'AZURE_CONFIG_DIR',
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_AUTHORITY_HOST',
  ],
  ...['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AAD_LOGIN_METHOD'],
  ...['AAD_SERVICE_PRINCIPAL_CLIENT_ID', 'AAD_SERVICE_PRINCIPAL_CLIENT_SECRET'],
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'KUBECONFIG'],
];

/** The plugin's KUBERNETES_EXEC_INFO, as client.authentication.k8s.io defines it. */
export function execInfo(
  plugin: ExecPlugin,
  cluster: { server: string; ca: string | undefined; serverName?: string },
): string {
  const facts = {
    server: cluster.server,
    ...(cluster.serverName ? { 'tls-server-name': cluster.serverName } : {}),
    ...(cluster.ca ? { 'certificate-authority-data': Buffer.from(cluster.ca).toString('base64') } : {}),
  };
  const spec = { interactive: false, ...(plugin.provideClusterInfo ? { cluster: facts } : {}) };
  return JSON.stringify({ apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec });
}

const answerSchema = z.looseObject({
  kind: z.literal('ExecCredential'),
  apiVersion: z.string(),
  status: z
    .looseObject({
      token: z.string().min(1).optional(),
      clientCertificateData: z.string().min(1).optional(),
      clientKeyData: z.string().min(1).optional(),
      expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
    })
    .optional(),
});

export type ExecAnswer = { ok: true; credential: ExecCredential } | { ok: false; why: string };

/** Reads what the plugin printed; what it says never repeats it. */
export function readExecAnswer(plugin: ExecPlugin, stdout: string): ExecAnswer {
  let document: unknown;
  try {
    document = JSON.parse(stdout);
  } catch {
    return { ok: false, why: 'printed no JSON' };
  }
  const answer = answerSchema.safeParse(document);
  if (!answer.success) {
    const wrong = answer.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
    );
    return { ok: false, why: `printed no ExecCredential (${wrong.join('; ')})` };
  }
  const { apiVersion, status } = answer.data;
  if (apiVersion !== plugin.apiVersion)
    return {
      ok: false,
      why: `answered in another version than ${plugin.apiVersion}, which the kubeconfig asks for`,
    };
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = status ?? {};
  if ((certificate === undefined) !== (key === undefined))
    return { ok: false, why: 'printed only one of client certificate and client key' };
  if (!token && !certificate) return { ok: false, why: 'printed neither a token nor a client certificate' };
  const expires = expirationTimestamp === undefined ? undefined : parseInstant(expirationTimestamp);
  return {
    ok: true,
    credential: {
      ...(token ? { token } : {}),
      ...(certificate && key ? { certificate, key } : {}),
      ...(expires === undefined ? {} : { expires }),
    },
  };
}
